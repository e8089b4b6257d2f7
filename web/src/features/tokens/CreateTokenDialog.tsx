import { useState } from "react";
import { useCreateToken } from "~/api/me";
import type { Scope } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { Field, TextField } from "~/ui/Field";
import form from "~/ui/Form.module.css";
import { Notice } from "~/ui/Notice";
import { Select } from "~/ui/Select";
import css from "./CreateTokenDialog.module.css";
import { type Expiry, expiresAt, expiryChoices } from "./expiry";
import { scopesFor, scopeWords } from "./scopes";

interface CreateTokenDialogProps {
  platformAdmin: boolean;
  onClose(): void;
}

export function CreateTokenDialog({ platformAdmin, onClose }: CreateTokenDialogProps) {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(["read"]));
  const [expiry, setExpiry] = useState<Expiry>("90");
  if (create.data)
    return <SecretDialog secret={create.data.secret} name={create.data.name} onDone={onClose} />;

  function toggle(scope: Scope, taken: boolean) {
    const next = new Set(scopes);
    if (taken) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="New API token"
      onSubmit={() =>
        create.mutate({
          name: name.trim(),
          scopes: scopesFor(platformAdmin).filter((scope) => scopes.has(scope)),
          expires_at: expiresAt(expiry, Date.now()),
        })
      }
      confirm={
        <Button
          type="submit"
          look="primary"
          busy={create.isPending}
          refusal={scopes.size === 0 ? "Choose at least one thing it may do." : undefined}
        >
          Create token
        </Button>
      }
    >
      <Refused title="Not created" error={create.error} fields={["name", "scopes", "expires_at"]} />
      <TextField
        label="Name"
        name="name"
        hint="What will use it, so that you know it again."
        autoComplete="off"
        required
        autoFocus
        maxLength={100}
        value={name}
        onValueChange={setName}
        problem={fieldProblem(create.error, "name")}
      />
      <fieldset className={form.choices}>
        <legend className={form.legend}>It may</legend>
        {scopesFor(platformAdmin).map((scope) => (
          <Checkbox key={scope} checked={scopes.has(scope)} onChange={(taken) => toggle(scope, taken)}>
            {scopeWords[scope].label}
            <span className={css.hint}>{scopeWords[scope].hint}</span>
          </Checkbox>
        ))}
        {fieldProblem(create.error, "scopes") && (
          <p className={form.problem}>{fieldProblem(create.error, "scopes")}</p>
        )}
      </fieldset>
      <Field
        label="Expires"
        problem={fieldProblem(create.error, "expires_at")}
        hint={expiry === "never" ? "A token that never ends is found one day by somebody else." : undefined}
      >
        <Select<Expiry> value={expiry} onChange={setExpiry} options={expiryChoices} />
      </Field>
    </Dialog>
  );
}

function SecretDialog({ name, secret, onDone }: { name: string; secret: string; onDone(): void }) {
  return (
    <Dialog
      open
      onClose={onDone}
      cancel={null}
      title={`${name} is ready`}
      onSubmit={onDone}
      confirm={
        <Button type="submit" look="primary">
          Done
        </Button>
      }
    >
      <Notice tone="warn">Take it now: it is not shown again. Whoever has it can act as you.</Notice>
      <CopyField label="Token" text={secret} hint="Send it as Authorization: Bearer." />
    </Dialog>
  );
}
