import { useState } from "react";
import { Checkbox } from "~/ui/Checkbox";
import { ConfirmDialog } from "~/ui/ConfirmDialog";

interface DestroyDialogProps {
  name: string;
  busy: boolean;
  onClose(): void;
  onConfirm(keepVolumes: boolean): void;
}

export function DestroyDialog({ name, busy, onClose, onConfirm }: DestroyDialogProps) {
  const [keepVolumes, setKeepVolumes] = useState(false);
  return (
    <ConfirmDialog
      title={`Destroy ${name}?`}
      name={name}
      verb={keepVolumes ? "Destroy, keep volumes" : "Destroy with its data"}
      busy={busy}
      onClose={onClose}
      onConfirm={() => onConfirm(keepVolumes)}
    >
      <p>
        Containers, networks and routes go at once. Unless you keep them, so do its volumes and all data in
        them.
      </p>
      <Checkbox checked={keepVolumes} onChange={setKeepVolumes}>
        Keep the volumes
      </Checkbox>
    </ConfirmDialog>
  );
}
