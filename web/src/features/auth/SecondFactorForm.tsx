import { type FormEvent, useState } from "react";
import { Button } from "~/ui/Button";
import { CodeField } from "~/ui/CodeField";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import css from "./Gate.module.css";
import { signInRefusal } from "./refusals";

interface SecondFactorFormProps {
  error: unknown;
  busy: boolean;
  onSubmit(code: string): void;
  onBack(): void;
}

/** The second step of signing in: a code from the app, or one of those that were kept for its loss. */
export function SecondFactorForm({ error, busy, onSubmit, onBack }: SecondFactorFormProps) {
  const [code, setCode] = useState("");
  const [recovering, setRecovering] = useState(false);
  const refusal = error ? signInRefusal(error) : null;

  function submit(event: FormEvent) {
    event.preventDefault();
    // Its sixth digit has sent it already; a code works once.
    if (!busy) onSubmit(code.trim());
  }
  return (
    <form className={css.form} onSubmit={submit}>
      {refusal && (
        <Notice tone="fail" title={refusal.title}>
          {refusal.text}
        </Notice>
      )}
      {recovering ? (
        <TextField
          key="recovery"
          label="Recovery code"
          name="recovery_code"
          hint="One of those you kept when you turned it on. Each works once."
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="xxxx-xxxx-xxxx"
          required
          autoFocus
          mono
          value={code}
          onValueChange={setCode}
        />
      ) : (
        <CodeField
          hint="The six digits your authenticator app shows now."
          autoFocus
          value={code}
          onValueChange={setCode}
          onComplete={onSubmit}
        />
      )}
      <Button type="submit" look="primary" busy={busy} className={css.submit}>
        Continue
      </Button>
      <div className={css.ways}>
        <button
          type="button"
          className={css.way}
          onClick={() => {
            setRecovering(!recovering);
            setCode("");
          }}
        >
          {recovering ? "Use the authenticator app" : "Use a recovery code"}
        </button>
        <button type="button" className={css.way} onClick={onBack}>
          Begin again
        </button>
      </div>
    </form>
  );
}
