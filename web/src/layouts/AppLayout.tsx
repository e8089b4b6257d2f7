import { Link, type LinkOptions, Outlet } from "@tanstack/react-router";
import {
  Building2,
  CircleUserRound,
  LayoutGrid,
  Library,
  type LucideIcon,
  ScrollText,
  ShieldCheck,
} from "lucide-react";
import { AccountMenu } from "~/features/account/AccountMenu";
import { Commands } from "~/features/commands/Commands";
import { ConnectionBanner } from "~/features/live/ConnectionBanner";
import { useLiveUpdates } from "~/features/live/useLiveUpdates";
import { OrgSwitcher } from "~/features/orgs/OrgSwitcher";
import { useMembership } from "~/hooks/useMembership";
import { paths } from "~/paths";
import { Mark } from "~/ui/Mark";
import css from "./AppLayout.module.css";

/** The house: navigation at the side (below, on a phone), the live connection, and the page. */
export function AppLayout() {
  const connection = useLiveUpdates();
  const { me, current } = useMembership();
  return (
    <div className={css.app}>
      <a className={css.skip} href="#main">
        Skip to content
      </a>
      <header className={css.side}>
        <Link {...paths.home()} className={css.brand} aria-label="DevSanctum, my workspaces">
          <Mark size={26} />
          <span>DevSanctum</span>
        </Link>
        <OrgSwitcher current={current} organizations={me.organizations} />
        <Commands />
        <nav className={css.nav} aria-label="Main">
          <NavItem to={paths.home()} icon={LayoutGrid} label="Workspaces" exact />
          <NavItem to={paths.catalog()} icon={Library} label="Catalog" />
          <NavItem to={paths.templates()} icon={ScrollText} label="Templates" />
          {current && <NavItem to={paths.org(current.slug)} icon={Building2} label="Organization" />}
          {me.platform_admin && (
            <span className={css.wideOnly}>
              <NavItem to={paths.admin()} icon={ShieldCheck} label="Administration" />
            </span>
          )}
          <span className={css.phoneOnly}>
            <NavItem to={paths.account()} icon={CircleUserRound} label="Account" />
          </span>
        </nav>
        <AccountMenu me={me} />
      </header>
      <main id="main" className={css.main} tabIndex={-1}>
        <ConnectionBanner state={connection} />
        <Outlet />
      </main>
    </div>
  );
}

function NavItem({
  to,
  icon: Icon,
  label,
  exact,
}: {
  to: LinkOptions;
  icon: LucideIcon;
  label: string;
  exact?: boolean;
}) {
  return (
    <Link {...to} className={css.item} activeOptions={{ exact: exact ?? false, includeSearch: false }}>
      <Icon className={css.icon} aria-hidden />
      {label}
    </Link>
  );
}
