import type { WorkspaceStatus } from "~/api/types";
import css from "./Door.module.css";
import { workspaceStatus } from "./status";

/**
 * A workspace seen from outside: a door, lit when it is open. Purely a picture: the status stands beside it
 * in words.
 */
export function Door({ status, size = "m" }: { status: WorkspaceStatus; size?: "s" | "m" | "l" }) {
  return (
    <svg
      className={css.door}
      data-tone={workspaceStatus[status].tone}
      data-size={size}
      viewBox="0 0 36 46"
      aria-hidden="true"
    >
      <path className={css.wall} d="M1 45V18a17 17 0 0 1 34 0v27z" />
      <path className={css.arch} d="M8 45V19a10 10 0 0 1 20 0v26z" />
      <path className={css.lamp} d="M13 45V20a5 5 0 0 1 10 0v25z" />
      <path className={css.sweep} d="M4.500 45V18a13.500 13.500 0 0 1 27 0v27" pathLength="100" />
    </svg>
  );
}
