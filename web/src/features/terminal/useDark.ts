import { useSyncExternalStore } from "react";
import { useTheme } from "~/hooks/useTheme";

const system = () => matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark at the moment, by choice or by the system. */
export function useDark(): boolean {
  const [choice] = useTheme();
  const systemIsDark = useSyncExternalStore(
    (listener) => {
      const query = system();
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => system().matches,
  );
  return choice === "system" ? systemIsDark : choice === "dark";
}
