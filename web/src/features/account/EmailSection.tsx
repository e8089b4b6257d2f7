import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { authQueries } from "~/api/auth";
import { useChangeEmail } from "~/api/me";
import type { Me } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { ActionRow } from "~/ui/ActionRow";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import { PasswordField } from "~/ui/PasswordField";
import { Section } from "~/ui/Section";
import css from "./EmailSection.module.css";

export function EmailSection({ me }: { me: Me }) {
  const { data: methods } = useSuspenseQuery(authQueries.methods());
  const [changing, setChanging] = useState(false);
  return (
    <Section title="Mail address">
      <ActionRow
        title={me.email}
        action={
          <Button
            refusal={
              methods.mail
                ? passwordNeeded(me)
                : "No mail is set up here, so an address cannot be confirmed. An administrator can change it."
            }
            onClick={() => setChanging(true)}
          >
            Change
          </Button>
        }
      >
        You sign in with it, and mail from here goes to it.
      </ActionRow>
      {me.pending_email && (
        <div className={css.pending}>
          <Notice tone="info" title={`Waiting for ${me.pending_email}`}>
            Open the link that was mailed there. Until then the address above stays yours.
          </Notice>
        </div>
      )}
      {changing && <ChangeEmailDialog onClose={() => setChanging(false)} />}
    </Section>
  );
}

/** Why something that asks for the password cannot be done, if there is none. */
export function passwordNeeded(me: Me): string | undefined {
  return me.has_password ? undefined : "Set a password first: it is asked for here.";
}

function ChangeEmailDialog({ onClose }: { onClose(): void }) {
  const change = useChangeEmail();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Dialog
      open
      onClose={onClose}
      title="Change the mail address"
      onSubmit={() => change.mutate({ email, password }, { onSuccess: onClose })}
      confirm={
        <Button type="submit" look="primary" busy={change.isPending}>
          Send the link
        </Button>
      }
    >
      <p>A link goes to the new address. It becomes yours when you open it.</p>
      <Refused title="Not changed" error={change.error} fields={["email", "password"]} />
      <TextField
        label="New address"
        name="email"
        type="email"
        autoComplete="email"
        required
        autoFocus
        value={email}
        onValueChange={setEmail}
        problem={fieldProblem(change.error, "email")}
      />
      <PasswordField
        label="Your password"
        autoComplete="current-password"
        value={password}
        onValueChange={setPassword}
        problem={fieldProblem(change.error, "password")}
      />
    </Dialog>
  );
}
