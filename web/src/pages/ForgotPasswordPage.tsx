import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { authQueries, useForgotPassword } from "~/api/auth";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { fieldProblem, Refused } from "~/features/Refused";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";

export function ForgotPasswordPage() {
  useTitle("Forgot password");
  const { data: methods } = useSuspenseQuery(authQueries.methods());
  return (
    <>
      {methods.mail ? (
        <AskForLink />
      ) : (
        <>
          <GateHeading title="Forgot your password" />
          <Notice tone="info" title="This server sends no mail">
            Ask an administrator: under Administration, Users, they can make a link for you with which you
            choose a new password.
          </Notice>
        </>
      )}
      <p className={css.aside}>
        <Link {...paths.signIn()}>Back to sign-in</Link>
      </p>
    </>
  );
}

function AskForLink() {
  const forgot = useForgotPassword();
  const [email, setEmail] = useState("");
  if (forgot.isSuccess) {
    return (
      <div role="status">
        <GateHeading title="Look into your mailbox">
          If <strong>{email}</strong> belongs to an account, a link is on its way there. It works once, and
          not for long.
        </GateHeading>
      </div>
    );
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    forgot.mutate(email);
  }
  return (
    <>
      <GateHeading title="Forgot your password">
        Tell us your mail address, and we send you a link to choose a new one.
      </GateHeading>
      <form className={css.form} onSubmit={submit}>
        <Refused title="Nothing was sent" error={forgot.error} fields={["email"]} />
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="email"
          required
          autoFocus
          value={email}
          onValueChange={setEmail}
          problem={fieldProblem(forgot.error, "email")}
        />
        <Button type="submit" look="primary" busy={forgot.isPending} className={css.submit}>
          Send the link
        </Button>
      </form>
    </>
  );
}
