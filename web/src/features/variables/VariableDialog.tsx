import { useState } from "react";
import type { Variable } from "~/api/types";
import { useWriteVariable, type VariableScope } from "~/api/variables";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";
import { TextArea } from "~/ui/TextArea";
import css from "./VariableSection.module.css";
import { variableNameProblem } from "./variableName";

interface VariableDialogProps {
  scope: VariableScope;
  /** The one that changes; null makes a new one. */
  known: Variable | null;
  taken: ReadonlySet<string>;
  onClose(): void;
}

export function VariableDialog({ scope, known, taken, onClose }: VariableDialogProps) {
  const write = useWriteVariable(scope);
  const [name, setName] = useState(known?.name ?? "");
  const [value, setValue] = useState(known?.value ?? "");
  const [secret, setSecret] = useState(known?.secret ?? false);
  const [judged, setJudged] = useState(false);
  const wrong = known
    ? undefined
    : (variableNameProblem(name) ??
      (taken.has(name) ? "A variable of this name is there already." : undefined));

  function submit() {
    setJudged(true);
    if (!wrong) write.mutate({ name, value, secret }, { onSuccess: onClose });
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={known ? `Change ${known.name}` : "New variable"}
      onSubmit={submit}
      confirm={
        <Button type="submit" look="primary" busy={write.isPending}>
          Save
        </Button>
      }
    >
      <Refused title="Not saved" error={write.error} fields={["name", "value"]} />
      {!known && (
        <TextField
          label="Name"
          name="name"
          mono
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          autoFocus
          value={name}
          onValueChange={setName}
          problem={(judged || name !== "" ? wrong : undefined) ?? fieldProblem(write.error, "name")}
        />
      )}
      <TextArea
        label="Value"
        value={value}
        onValueChange={setValue}
        hint={known?.secret ? "What it holds now cannot be shown. What you write replaces it." : undefined}
        problem={fieldProblem(write.error, "value")}
      />
      <Checkbox checked={secret} onChange={setSecret}>
        Secret: never shown again
      </Checkbox>
      <p className={css.hint}>
        {scope.kind === "workspace"
          ? "The workspace gets it when it is updated; a restart is not enough."
          : "Workspaces get it when they are made or updated; a restart is not enough."}
      </p>
    </Dialog>
  );
}
