import { Outlet } from "@tanstack/react-router";
import { Mark } from "~/ui/Mark";
import css from "./GateLayout.module.css";

/** Before the door: sign-in and first-run setup. */
export function GateLayout() {
  return (
    <div className={css.gate}>
      <Arches />
      <main className={css.panel}>
        <p className={css.brand}>
          <Mark size={28} />
          DevSanctum
        </p>
        <Outlet />
      </main>
    </div>
  );
}

/** Doors within doors, the innermost lit. */
function Arches() {
  const inset = [0, 44, 88, 132, 176];
  return (
    <div className={css.scene} aria-hidden="true">
      <svg className={css.arches} viewBox="0 0 480 640" preserveAspectRatio="xMidYMax meet">
        {inset.map((x, depth) => {
          const radius = 240 - x;
          const crown = 40 + x * 0.9 + radius;
          return (
            <path
              key={x}
              data-depth={depth}
              d={`M${x} 640V${crown}a${radius} ${radius} 0 0 1 ${2 * radius} 0V640z`}
            />
          );
        })}
      </svg>
    </div>
  );
}
