import { type FormEvent, useState } from "react";
import { useRename } from "~/api/me";
import type { Me } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import form from "~/ui/Form.module.css";
import { useToast } from "~/ui/Toasts";

export function ProfileForm({ me }: { me: Me }) {
  const rename = useRename();
  const toast = useToast();
  const [name, setName] = useState(me.display_name);

  function submit(event: FormEvent) {
    event.preventDefault();
    rename.mutate(name.trim(), { onSuccess: () => toast.say("Your name is saved") });
  }
  return (
    <form className={form.form} onSubmit={submit}>
      <Refused title="Not saved" error={rename.error} fields={["display_name"]} />
      <TextField
        label="Name"
        name="display_name"
        optional
        autoComplete="name"
        hint="Shown to others in place of your username."
        value={name}
        onValueChange={setName}
        problem={fieldProblem(rename.error, "display_name")}
      />
      <div className={form.actions}>
        <Button
          type="submit"
          busy={rename.isPending}
          refusal={name.trim() === me.display_name ? "Nothing has changed." : undefined}
        >
          Save
        </Button>
      </div>
    </form>
  );
}
