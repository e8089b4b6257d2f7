import { useState } from "react";
import { Checkbox } from "~/ui/Checkbox";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import css from "./DestroyDialog.module.css";

interface DestroyDialogProps {
  names: readonly string[];
  /** What of the selection stays, and why. */
  leftOut?: readonly string[];
  busy: boolean;
  onClose(): void;
  onConfirm(keepVolumes: boolean): void;
}

export function DestroyDialog({ names, leftOut = [], busy, onClose, onConfirm }: DestroyDialogProps) {
  const [keepVolumes, setKeepVolumes] = useState(false);
  const [only] = names;
  const what = names.length === 1 && only !== undefined ? only : `${names.length} workspaces`;
  const whose = names.length === 1 ? "its" : "their";
  return (
    <ConfirmDialog
      title={`Destroy ${what}?`}
      name={what}
      verb={keepVolumes ? "Destroy, keep volumes" : `Destroy with ${whose} data`}
      busy={busy}
      onClose={onClose}
      onConfirm={() => onConfirm(keepVolumes)}
    >
      {names.length > 1 && <Names label="To be destroyed" names={names} />}
      <p>
        Containers, networks and routes go at once. Unless you keep them, so do {whose} volumes and all data
        in them.
      </p>
      {leftOut.length > 0 && (
        <p className={css.leftOut}>
          Not among them: <Listed names={leftOut} />
        </p>
      )}
      <Checkbox checked={keepVolumes} onChange={setKeepVolumes}>
        Keep the volumes
      </Checkbox>
    </ConfirmDialog>
  );
}

function Names({ label, names }: { label: string; names: readonly string[] }) {
  return (
    <ul className={css.names} aria-label={label}>
      {names.map((name) => (
        <li key={name} className={css.name}>
          {name}
        </li>
      ))}
    </ul>
  );
}

const list = new Intl.ListFormat("en");

function Listed({ names }: { names: readonly string[] }) {
  return list.format(names);
}
