import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useResetPassword } from "~/api/auth";
import { DeadLink } from "~/features/auth/DeadLink";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { dropLinkToken, linkToken } from "~/features/auth/linkToken";
import { fieldProblem, Refused } from "~/features/Refused";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Notice } from "~/ui/Notice";
import { PasswordField } from "~/ui/PasswordField";

const PAGE = "/reset-password";

export function ResetPasswordPage() {
  useTitle("New password");
  const [token] = useState(() => linkToken(PAGE));
  const reset = useResetPassword();
  const [password, setPassword] = useState("");

  if (reset.isSuccess) {
    return (
      <>
        <GateHeading title="Your password is changed">
          Every session that was open has ended. Sign in with the new one.
        </GateHeading>
        <div className={css.stack}>
          <Button look="primary" className={css.submit} render={<Link {...paths.signIn()} />}>
            Sign in
          </Button>
        </div>
      </>
    );
  }
  if (!token || fieldProblem(reset.error, "token")) {
    return (
      <DeadLink>
        <Link {...paths.forgotPassword()}>Ask for another link</Link>
      </DeadLink>
    );
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (token) reset.mutate({ token, password }, { onSuccess: () => dropLinkToken(PAGE) });
  }
  return (
    <>
      <GateHeading title="Choose a new password">
        Whoever is signed in to your account will be signed out.
      </GateHeading>
      <form className={css.form} onSubmit={submit}>
        <Refused title="Not changed" error={reset.error} fields={["password"]} />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          hint="At least 10 characters."
          autoFocus
          value={password}
          onValueChange={setPassword}
          problem={fieldProblem(reset.error, "password")}
        />
        <Button type="submit" look="primary" busy={reset.isPending} className={css.submit}>
          Change the password
        </Button>
      </form>
      <div className={css.aside}>
        <Notice tone="info">The second factor, where you use one, stays as it is.</Notice>
      </div>
    </>
  );
}
