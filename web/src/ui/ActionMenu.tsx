import { Menu } from "@base-ui/react/menu";
import { Ellipsis, type LucideIcon } from "lucide-react";
import css from "./ActionMenu.module.css";
import { classes } from "./classes";
import menu from "./Menu.module.css";

export interface MenuAction {
  label: string;
  icon: LucideIcon;
  onSelect(): void;
  /** Why it cannot be chosen now, said below its name. */
  refusal?: string | undefined;
  tone?: "plain" | "danger";
}

/** What can be done to the thing in whose row it stands. */
export function ActionMenu({ label, actions }: { label: string; actions: readonly MenuAction[] }) {
  return (
    <Menu.Root>
      <Menu.Trigger className={css.trigger} aria-label={label}>
        <Ellipsis aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner
          align="end"
          sideOffset={4}
          collisionPadding={8}
          positionMethod="fixed"
          className={menu.positioner}
        >
          <Menu.Popup className={menu.popup}>
            {actions.map(({ label: name, icon: Icon, onSelect, refusal, tone }) => (
              <Menu.Item
                key={name}
                className={classes(menu.item, tone === "danger" && css.danger)}
                disabled={Boolean(refusal)}
                onClick={onSelect}
              >
                <Icon aria-hidden />
                <span className={css.words}>
                  {name}
                  {refusal && <span className={css.refusal}>{refusal}</span>}
                </span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
