import { Menu } from "@base-ui/react/menu";
import { Link } from "@tanstack/react-router";
import { BookOpen, ChevronsUpDown, LogOut, Monitor, Moon, Settings, ShieldCheck, Sun } from "lucide-react";
import { useSignOut } from "~/api/auth";
import type { Me } from "~/api/types";
import { type ThemeChoice, useTheme } from "~/hooks/useTheme";
import { paths } from "~/paths";
import { Initial } from "~/ui/Initial";
import menu from "~/ui/Menu.module.css";
import { useToast } from "~/ui/Toasts";
import css from "./AccountMenu.module.css";

const themes = [
  { value: "system", label: "System theme", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

export function AccountMenu({ me }: { me: Me }) {
  const [theme, setTheme] = useTheme();
  const signOut = useSignOut();
  const toast = useToast();
  const name = me.display_name || me.username;
  return (
    <Menu.Root>
      <Menu.Trigger className={css.trigger} aria-label={`Account of ${name}`}>
        <Initial name={name} />
        <span className={css.who}>
          <span className={css.name}>{name}</span>
          <span className={css.org}>{me.email}</span>
        </span>
        <ChevronsUpDown className={css.chevron} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          positionMethod="fixed"
          className={menu.positioner}
        >
          <Menu.Popup className={menu.popup}>
            <Menu.Item className={menu.item} render={<Link {...paths.account()} />}>
              <Settings aria-hidden /> Account
            </Menu.Item>
            {me.platform_admin && (
              <Menu.Item className={menu.item} render={<Link {...paths.admin()} />}>
                <ShieldCheck aria-hidden /> Administration
              </Menu.Item>
            )}
            <Menu.Item className={menu.item} render={<a href="/docs" />}>
              <BookOpen aria-hidden /> API reference
            </Menu.Item>
            <Menu.Separator className={menu.separator} />
            <Menu.RadioGroup value={theme} onValueChange={(value: ThemeChoice) => setTheme(value)}>
              {themes.map(({ value, label, icon: Icon }) => (
                <Menu.RadioItem key={value} value={value} className={menu.item} closeOnClick={false}>
                  <Icon aria-hidden /> {label}
                  <Menu.RadioItemIndicator className={menu.tick}>✓</Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className={menu.separator} />
            <Menu.Item
              className={menu.item}
              onClick={() =>
                signOut.mutate(undefined, { onError: (error) => toast.fail("Still signed in", error) })
              }
            >
              <LogOut aria-hidden /> Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
