import { Link, type LinkOptions } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Template } from "~/api/types";
import { componentKind } from "~/features/workspaces/componentKind";
import { Skeleton } from "~/ui/Skeleton";
import css from "./TemplateCard.module.css";
import { TemplateIcon } from "./TemplateIcon";

export function templateTitle(template: Pick<Template, "name" | "display_name">): string {
  return template.display_name || template.name;
}

interface TemplateCardProps {
  template: Template;
  /** Where the card itself leads. */
  to: LinkOptions;
  action?: ReactNode;
}

export function TemplateCard({ template, to, action }: TemplateCardProps) {
  return (
    <li className={css.card}>
      <TemplateIcon name={template.icon} />
      <div className={css.words}>
        <h2 className={css.title}>
          <Link {...to} className={css.link}>
            {templateTitle(template)}
          </Link>
        </h2>
        <p className={css.description}>{template.description}</p>
      </div>
      <div className={css.foot}>
        <ul className={css.parts} aria-label="Components">
          {template.components.map((component) => {
            const { icon: Icon, label } = componentKind[component.type];
            return (
              <li key={component.name} className={css.part} title={label}>
                <Icon aria-hidden />
                {component.name}
              </li>
            );
          })}
        </ul>
        {action}
      </div>
    </li>
  );
}

export function TemplateGrid({ children }: { children: ReactNode }) {
  return <ul className={css.grid}>{children}</ul>;
}

export function TemplateGridSkeleton() {
  return (
    <div className={css.grid}>
      {[1, 2, 3, 4].map((n) => (
        <div key={n} className={css.card}>
          <Skeleton shape="door" />
          <div className={css.words}>
            <Skeleton shape="title" />
            <Skeleton />
          </div>
        </div>
      ))}
    </div>
  );
}
