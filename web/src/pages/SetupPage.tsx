import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useSetup } from "~/api/auth";
import { ApiProblem } from "~/api/problem";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import { PasswordField } from "~/ui/PasswordField";

const blank = { setup_token: "", username: "", email: "", password: "" };

export function SetupPage() {
  useTitle("Set up");
  const navigate = useNavigate();
  const setup = useSetup();
  const [form, setForm] = useState(blank);
  const problem = setup.error instanceof ApiProblem ? setup.error : null;
  const set = (name: keyof typeof blank) => (value: string) => setForm({ ...form, [name]: value });

  function submit(event: FormEvent) {
    event.preventDefault();
    setup.mutate(form, { onSuccess: () => navigate({ ...paths.home(), replace: true }) });
  }

  return (
    <>
      <GateHeading title="Open the house">
        Nobody lives here yet. You become the administrator, with an organization of your own.
      </GateHeading>
      <form className={css.form} onSubmit={submit}>
        {setup.error && !problem?.fields.length && (
          <Notice tone="fail" title="Not set up">
            {setup.error.message}
          </Notice>
        )}
        <TextField
          label="Setup token"
          name="setup_token"
          hint="Printed by the server when it started."
          autoComplete="off"
          spellCheck={false}
          required
          autoFocus
          mono
          value={form.setup_token}
          onValueChange={set("setup_token")}
          problem={problem?.field("setup_token")}
        />
        <TextField
          label="Username"
          name="username"
          hint="Lower-case letters, digits and hyphens. Also names your organization."
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={form.username}
          onValueChange={set("username")}
          problem={problem?.field("username")}
        />
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="email"
          required
          value={form.email}
          onValueChange={set("email")}
          problem={problem?.field("email")}
        />
        <PasswordField
          autoComplete="new-password"
          hint="At least 10 characters."
          value={form.password}
          onValueChange={set("password")}
          problem={problem?.field("password")}
        />
        <Button type="submit" look="primary" busy={setup.isPending} className={css.submit}>
          Create administrator
        </Button>
      </form>
    </>
  );
}
