import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useChangePassword } from "~/api/me";
import type { Me } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { paths } from "~/paths";
import { ActionRow } from "~/ui/ActionRow";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { PasswordField } from "~/ui/PasswordField";
import { Section } from "~/ui/Section";
import { useToast } from "~/ui/Toasts";

export function PasswordSection({ me }: { me: Me }) {
  const [changing, setChanging] = useState(false);
  return (
    <Section title="Password">
      {me.has_password ? (
        <ActionRow
          title="Change your password"
          action={<Button onClick={() => setChanging(true)}>Change</Button>}
        >
          Every other session ends with the old one.
        </ActionRow>
      ) : (
        <ActionRow
          title="You have no password"
          action={<Button render={<Link {...paths.forgotPassword()} />}>Set a password</Button>}
        >
          You sign in with a connected method. To set a password, ask for a link to your mailbox.
        </ActionRow>
      )}
      {changing && <ChangePasswordDialog onClose={() => setChanging(false)} />}
    </Section>
  );
}

function ChangePasswordDialog({ onClose }: { onClose(): void }) {
  const change = useChangePassword();
  const toast = useToast();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");

  function submit() {
    change.mutate(
      { current_password: current, new_password: next },
      {
        onSuccess() {
          toast.say("Your password is changed", "Every other session has ended.");
          onClose();
        },
      },
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Change your password"
      onSubmit={submit}
      confirm={
        <Button type="submit" look="primary" busy={change.isPending}>
          Change password
        </Button>
      }
    >
      <Refused title="Not changed" error={change.error} fields={["current_password", "new_password"]} />
      <PasswordField
        label="Current password"
        name="current_password"
        autoComplete="current-password"
        autoFocus
        value={current}
        onValueChange={setCurrent}
        problem={fieldProblem(change.error, "current_password")}
      />
      <PasswordField
        label="New password"
        name="new_password"
        autoComplete="new-password"
        hint="At least 10 characters."
        value={next}
        onValueChange={setNext}
        problem={fieldProblem(change.error, "new_password")}
      />
    </Dialog>
  );
}
