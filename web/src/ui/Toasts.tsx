import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Toasts.module.css";

/** Brief news about something the person did. At most three at a time; the oldest gives way. */
export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider limit={3} timeout={6000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={css.viewport}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={classes(css.toast, toast.type === "fail" && css.fail)}
    >
      <Toast.Content className={css.content}>
        <Toast.Title className={css.title} />
        <Toast.Description className={css.description} />
      </Toast.Content>
      <Toast.Close className={css.close} aria-label="Dismiss">
        <X size={14} aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ));
}

export function useToast() {
  const { add } = Toast.useToastManager();
  return {
    say: (title: string, description?: string) => add({ title, ...(description && { description }) }),
    fail: (title: string, error: unknown) =>
      add({
        title,
        description: error instanceof Error ? error.message : String(error),
        type: "fail",
        // Not of high priority: that would hide what can be focused from screen readers.
        timeout: 12_000,
      }),
  };
}
