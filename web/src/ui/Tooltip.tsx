import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";
import css from "./Tooltip.module.css";

export const TooltipProvider = Base.Provider;

export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Base.Root>
      <Base.Trigger render={children} closeOnClick={false} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} collisionPadding={8}>
          <Base.Popup className={css.popup}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
