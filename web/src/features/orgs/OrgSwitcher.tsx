import { Menu } from "@base-ui/react/menu";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ChevronsUpDown, Plus } from "lucide-react";
import type { Membership } from "~/api/types";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { paths } from "~/paths";
import menu from "~/ui/Menu.module.css";
import css from "./OrgSwitcher.module.css";
import { roleWords } from "./roleWords";

interface OrgSwitcherProps {
  current: Membership | undefined;
  organizations: readonly Membership[];
}

/** Which organization's catalog and templates are shown, and where new workspaces go. */
export function OrgSwitcher({ current, organizations }: OrgSwitcherProps) {
  const [, choose] = useChosenOrg();
  const navigate = useNavigate();
  const { org: shown } = useParams({ strict: false });

  function change(slug: string) {
    choose(slug);
    // A page about one organization becomes the same about the other.
    if (shown) void navigate(paths.org(slug));
  }
  return (
    <Menu.Root>
      <Menu.Trigger className={css.trigger} aria-label={`Organization: ${current?.name ?? "none"}`}>
        <span className={css.name}>{current?.name ?? "No organization"}</span>
        <ChevronsUpDown className={css.chevron} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner
          align="start"
          sideOffset={4}
          collisionPadding={8}
          positionMethod="fixed"
          className={menu.positioner}
        >
          <Menu.Popup className={menu.popup}>
            <Menu.RadioGroup value={current?.slug ?? ""} onValueChange={change}>
              {organizations.map(({ slug, name, role }) => (
                <Menu.RadioItem key={slug} value={slug} className={menu.item} closeOnClick>
                  <span className={css.option}>
                    {name}
                    <span className={css.role}>{roleWords[role].label}</span>
                  </span>
                  <Menu.RadioItemIndicator className={menu.tick}>✓</Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className={menu.separator} />
            <Menu.Item className={menu.item} render={<Link {...paths.newOrg()} />}>
              <Plus aria-hidden /> New organization
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
