import type { Template } from "~/api/types";
import { componentKind } from "./componentKind";
import css from "./WhatWillBeMade.module.css";

/** What pressing the button brings about, before it is pressed. */
export function WhatWillBeMade({ template, name }: { template: Template; name: string }) {
  const routed = template.components.find((component) => component.port && component.type !== "database");
  return (
    <div className={css.made}>
      <ul className={css.parts}>
        {template.components.map((component) => {
          const { icon: Icon, label } = componentKind[component.type];
          return (
            <li key={component.name} className={css.part}>
              <Icon className={css.icon} aria-hidden />
              <span className={css.words}>
                <span className={css.name}>{component.name}</span>
                <span className={css.note}>
                  {label}
                  {component.port && `, port ${component.port}`}
                  {component.depends_on.length > 0 && `, after ${component.depends_on.join(", ")}`}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
      <p className={css.network}>One private network between them, volumes of its own.</p>
      {routed && (
        <p className={css.door}>
          <span className={css.lamp} aria-hidden="true" />
          <code>{name || "name"}-••••••••</code>
        </p>
      )}
    </div>
  );
}
