import { Star } from "lucide-react";
import type { Workspace } from "~/api/types";
import { Tooltip } from "~/ui/Tooltip";
import css from "./StarButton.module.css";

interface StarButtonProps {
  workspace: Pick<Workspace, "name">;
  starred: boolean;
  onToggle(): void;
}

/** Keeps a workspace in front. */
export function StarButton({ workspace, starred, onToggle }: StarButtonProps) {
  return (
    <Tooltip text={starred ? "Comes first for you, in this browser" : "Put first, for you in this browser"}>
      <button
        type="button"
        className={css.star}
        aria-label={`Star ${workspace.name}`}
        aria-pressed={starred}
        onClick={onToggle}
      >
        <Star aria-hidden />
      </button>
    </Tooltip>
  );
}
