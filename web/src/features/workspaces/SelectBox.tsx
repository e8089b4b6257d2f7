import type { Workspace } from "~/api/types";
import css from "./SelectBox.module.css";

/** Which of the workspaces are picked out, and what picks one or lets it go. */
export interface Picked {
  has(id: string): boolean;
  toggle(id: string): void;
}

interface SelectBoxProps {
  workspace: Pick<Workspace, "id" | "name">;
  selection: Picked;
}

export function SelectBox({ workspace, selection }: SelectBoxProps) {
  return (
    <input
      type="checkbox"
      id={`select-${workspace.id}`}
      className={css.select}
      aria-label={`Select ${workspace.name}`}
      checked={selection.has(workspace.id)}
      onChange={() => selection.toggle(workspace.id)}
    />
  );
}
