import { type FormEvent, useState } from "react";
import { useRegister } from "~/api/auth";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { PasswordField } from "~/ui/PasswordField";
import css from "./Gate.module.css";

interface RegisterFormProps {
  /** The address an invitation went to; without one the person gives theirs. */
  invited?: { email: string; token: string };
  verb: string;
  onDone(): unknown;
}

const blank = { email: "", username: "", display_name: "", password: "" };

export function RegisterForm({ invited, verb, onDone }: RegisterFormProps) {
  const register = useRegister();
  const [form, setForm] = useState(blank);
  const set = (name: keyof typeof blank) => (value: string) => setForm({ ...form, [name]: value });
  const problem = (field: string) => fieldProblem(register.error, field);

  function submit(event: FormEvent) {
    event.preventDefault();
    const { email, display_name, ...rest } = form;
    register.mutate(
      {
        ...rest,
        ...(display_name && { display_name }),
        ...(invited ? { invitation_token: invited.token } : { email }),
      },
      { onSuccess: onDone },
    );
  }

  return (
    <form className={css.form} onSubmit={submit}>
      <Refused title="No account was made" error={register.error} fields={Object.keys(blank)} />
      <TextField
        label="Email"
        name="email"
        type="email"
        autoComplete="email"
        required
        readOnly={Boolean(invited)}
        autoFocus={!invited}
        value={invited?.email ?? form.email}
        onValueChange={set("email")}
        problem={problem("email")}
      />
      <TextField
        label="Username"
        name="username"
        hint="Lower-case letters, digits, dots, underscores and hyphens."
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus={Boolean(invited)}
        value={form.username}
        onValueChange={set("username")}
        problem={problem("username")}
      />
      <TextField
        label="Name"
        name="display_name"
        optional
        autoComplete="name"
        value={form.display_name}
        onValueChange={set("display_name")}
        problem={problem("display_name")}
      />
      <PasswordField
        autoComplete="new-password"
        hint="At least 10 characters."
        value={form.password}
        onValueChange={set("password")}
        problem={problem("password")}
      />
      <Button type="submit" look="primary" busy={register.isPending} className={css.submit}>
        {verb}
      </Button>
    </form>
  );
}
