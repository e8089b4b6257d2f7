import { Plus, X } from "lucide-react";
import { Button, IconButton } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { PasswordField } from "~/ui/PasswordField";
import css from "./VariableRows.module.css";
import type { VariableDraft } from "./variableDrafts";

interface VariableRowsProps {
  drafts: readonly VariableDraft[];
  onChange(drafts: readonly VariableDraft[]): void;
  /** What is wrong with one of them, once it is time to say so. */
  problemOf(draft: VariableDraft): string | undefined;
}

/** Environment of the workspace's own, for what is not asked for by the template. */
export function VariableRows({ drafts, onChange, problemOf }: VariableRowsProps) {
  const change = (key: number, part: Partial<VariableDraft>) =>
    onChange(drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft)));
  const next = Math.max(0, ...drafts.map(({ key }) => key)) + 1;
  return (
    <fieldset className={css.variables}>
      <legend className={css.legend}>
        Variables <span className={css.optional}>optional</span>
      </legend>
      <p className={css.hint}>
        Secret environment of every component, and <code>var.NAME</code> in its manifest. Its settings change
        them later.
      </p>
      {drafts.map((draft, index) => (
        <div key={draft.key} className={css.row}>
          <TextField
            label="Name"
            name={`variable-${draft.key}`}
            mono
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            autoFocus
            value={draft.name}
            onValueChange={(name) => change(draft.key, { name })}
            problem={problemOf(draft)}
          />
          <PasswordField
            label="Value"
            name={`value-${draft.key}`}
            autoComplete="new-password"
            optional
            value={draft.value}
            onValueChange={(value) => change(draft.key, { value })}
          />
          <span className={css.remove}>
            <IconButton
              icon={X}
              label={`Remove ${draft.name || `variable ${index + 1}`}`}
              onClick={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
            />
          </span>
        </div>
      ))}
      <span>
        <Button
          icon={Plus}
          size="s"
          onClick={() => onChange([...drafts, { key: next, name: "", value: "" }])}
        >
          Add a variable
        </Button>
      </span>
    </fieldset>
  );
}
