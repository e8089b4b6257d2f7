import { Dialog as Base } from "@base-ui/react/dialog";
import type { FormEvent, ReactNode } from "react";
import { useReturnFocus } from "~/hooks/useReturnFocus";
import { Button } from "./Button";
import css from "./Dialog.module.css";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  children: ReactNode;
  /** The button that does it. */
  confirm: ReactNode;
  /** Null where there is nothing left to cancel, only something to take note of. */
  cancel?: string | null;
  onSubmit(): void;
}

/** A question that must be answered before anything else. Escape and Cancel answer no. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  confirm,
  cancel = "Cancel",
  onSubmit,
}: DialogProps) {
  const opener = useReturnFocus();
  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup className={css.popup} finalFocus={opener}>
          <form onSubmit={submit} className={css.form}>
            <Base.Title className={css.title}>{title}</Base.Title>
            {children}
            <div className={css.actions}>
              {cancel && <Base.Close render={<Button>{cancel}</Button>} />}
              {confirm}
            </div>
          </form>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
