import { type FormEvent, type ReactNode, useState } from "react";
import { useSignIn } from "~/api/auth";
import { ApiProblem } from "~/api/problem";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import { PasswordField } from "~/ui/PasswordField";
import css from "./Gate.module.css";
import { signInRefusal } from "./refusals";
import { SecondFactorForm } from "./SecondFactorForm";

interface SignInFormProps {
  /** Known already, such as the address an invitation went to. */
  login?: string;
  onDone(): unknown;
  verb?: string;
  /** Below the password: the way out for those who forgot it. */
  children?: ReactNode;
  /** The password is right, and a code is asked for now; or the person begins again. */
  onSecondFactor?(asked: boolean): void;
}

/** Name and password, then, where the account has one, the second factor. */
export function SignInForm({
  login: known = "",
  onDone,
  verb = "Sign in",
  children,
  onSecondFactor,
}: SignInFormProps) {
  const signIn = useSignIn();
  const [login, setLogin] = useState(known);
  const [password, setPassword] = useState("");
  const [needsCode, setNeedsCode] = useState(false);

  function attempt(totpCode?: string) {
    signIn.mutate(
      { login, password, ...(totpCode && { totp_code: totpCode }) },
      {
        onSuccess: onDone,
        onError(error) {
          if (!(error instanceof ApiProblem && error.code === "totp_required")) return;
          setNeedsCode(true);
          onSecondFactor?.(true);
        },
      },
    );
  }

  function back() {
    setNeedsCode(false);
    onSecondFactor?.(false);
    setPassword("");
    signIn.reset();
  }

  const asksForCode = signIn.error instanceof ApiProblem && signIn.error.code === "totp_required";
  const error = asksForCode ? null : signIn.error;
  if (needsCode)
    return <SecondFactorForm error={error} busy={signIn.isPending} onSubmit={attempt} onBack={back} />;

  function submit(event: FormEvent) {
    event.preventDefault();
    attempt();
  }
  const refusal = error && signInRefusal(error);
  return (
    <form className={css.form} onSubmit={submit}>
      {refusal && (
        <Notice tone="fail" title={refusal.title}>
          {refusal.text}
        </Notice>
      )}
      <TextField
        label="Username or email"
        name="login"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus={!known}
        readOnly={Boolean(known)}
        value={login}
        onValueChange={setLogin}
      />
      <PasswordField
        autoComplete="current-password"
        autoFocus={Boolean(known)}
        value={password}
        onValueChange={setPassword}
      />
      {children}
      <Button type="submit" look="primary" busy={signIn.isPending} className={css.submit}>
        {verb}
      </Button>
    </form>
  );
}
