import { useState } from "react";
import { useCreateUser } from "~/api/users";
import { MailHint } from "~/features/MailHint";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";

const blank = { email: "", username: "", display_name: "" };

export function CreateUserDialog({ onClose }: { onClose(): void }) {
  const create = useCreateUser();
  const [form, setForm] = useState(blank);
  const [admin, setAdmin] = useState(false);
  const set = (name: keyof typeof blank) => (value: string) => setForm({ ...form, [name]: value });
  if (create.data) {
    return <CreatedDialog username={create.data.username} link={create.data.reset_url} onDone={onClose} />;
  }

  function submit() {
    const { display_name, ...rest } = form;
    create.mutate({ ...rest, ...(display_name && { display_name }), ...(admin && { platform_admin: true }) });
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="New user"
      onSubmit={submit}
      confirm={
        <Button type="submit" look="primary" busy={create.isPending}>
          Create user
        </Button>
      }
    >
      <p>They choose their password themselves, by a link.</p>
      <Refused title="Not created" error={create.error} fields={Object.keys(blank)} />
      <TextField
        label="Mail address"
        name="email"
        type="email"
        autoComplete="off"
        required
        autoFocus
        value={form.email}
        onValueChange={set("email")}
        problem={fieldProblem(create.error, "email")}
      />
      <TextField
        label="Username"
        name="username"
        hint="Lower-case letters, digits, dots, underscores and hyphens."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={form.username}
        onValueChange={set("username")}
        problem={fieldProblem(create.error, "username")}
      />
      <TextField
        label="Name"
        name="display_name"
        optional
        autoComplete="off"
        value={form.display_name}
        onValueChange={set("display_name")}
        problem={fieldProblem(create.error, "display_name")}
      />
      <Checkbox checked={admin} onChange={setAdmin}>
        Administrator of the platform
      </Checkbox>
      <MailHint>You get the link, and hand it over yourself.</MailHint>
    </Dialog>
  );
}

interface CreatedDialogProps {
  username: string;
  link: string | null | undefined;
  onDone(): void;
}

function CreatedDialog({ username, link, onDone }: CreatedDialogProps) {
  return (
    <Dialog
      open
      onClose={onDone}
      cancel={null}
      title={`${username} has an account`}
      onSubmit={onDone}
      confirm={
        <Button type="submit" look="primary">
          Done
        </Button>
      }
    >
      {link ? (
        <>
          <p>With this link they choose a password and come in. It works once.</p>
          <CopyField label="Link" text={link} hint="It is not shown again." />
        </>
      ) : (
        <p>They can sign in now.</p>
      )}
    </Dialog>
  );
}
