import { type ReactNode, useState } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { TextField } from "./Field";

interface ConfirmDialogProps {
  title: string;
  /** What will happen. */
  children: ReactNode;
  verb: string;
  busy: boolean;
  onClose(): void;
  onConfirm(): void;
  /** To be typed first, so that it never happens to the neighbour. */
  name?: string;
  /** Why it cannot be done yet, other than a name that is not typed. */
  refusal?: string | undefined;
}

/** The last question before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, verb, busy, onClose, onConfirm, name, refusal } = props;
  const [typed, setTyped] = useState("");
  const missing = refusal ?? (name && typed !== name ? `Type ${name} first.` : undefined);
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      onSubmit={() => !missing && onConfirm()}
      confirm={
        <Button type="submit" look="danger" busy={busy} refusal={missing}>
          {verb}
        </Button>
      }
    >
      {children}
      {name && (
        <TextField
          label={
            <>
              Type <code>{name}</code> to confirm
            </>
          }
          name="confirm"
          mono
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={typed}
          onValueChange={setTyped}
        />
      )}
    </Dialog>
  );
}
