import type { ReactNode } from "react";
import css from "./Gate.module.css";
import { GateHeading } from "./GateHeading";

/** A mailed link that leads nowhere, and the way on. */
export function DeadLink({ children }: { children: ReactNode }) {
  return (
    <>
      <GateHeading title="This link does not work">
        It is not complete, was used before, or is too old. Links from mail work once.
      </GateHeading>
      <p className={css.aside}>{children}</p>
    </>
  );
}
