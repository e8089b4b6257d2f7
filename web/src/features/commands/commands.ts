import type { LinkOptions } from "@tanstack/react-router";
import {
  Blocks,
  Building2,
  CirclePlus,
  CircleUserRound,
  ExternalLink,
  Keyboard,
  LayoutGrid,
  Library,
  Monitor,
  Moon,
  ScrollText,
  Settings,
  ShieldCheck,
  Sun,
} from "lucide-react";
import type { Me, Membership, Template, Workspace } from "~/api/types";
import type { LifecycleVerb } from "~/api/workspaces";
import { forbidden, type Who } from "~/features/policy";
import { openRefusal, refusal } from "~/features/workspaces/actions";
import { workspaceStatus } from "~/features/workspaces/status";
import { verbs } from "~/features/workspaces/verbs";
import type { ThemeChoice } from "~/hooks/useTheme";
import { paths } from "~/paths";
import type { PaletteGroup, PaletteItem } from "~/ui/Palette";
import type { ShortcutId } from "./shortcuts";

/** What choosing a command brings about. */
export type Deed =
  | { kind: "go"; to: LinkOptions }
  | { kind: "visit"; url: string }
  | { kind: "lifecycle"; verb: LifecycleVerb; workspace: Workspace }
  | { kind: "organization"; slug: string }
  | { kind: "theme"; choice: ThemeChoice }
  | { kind: "shortcuts" };

export interface Command extends PaletteItem {
  deed: Deed;
  /** Other words for it, that are sought and not shown. */
  also?: string;
  shortcut?: ShortcutId;
}

export type CommandGroup = PaletteGroup<Command>;

/** What can be done with the workspace whose page is open: what its buttons do, by the rules of its buttons. */
export function workspaceCommands(workspace: Workspace, who: Who): Command[] {
  const { id, name, status } = workspace;
  if (status === "destroyed") return [];
  const moves: LifecycleVerb[] = ["start", "stop", "restart"];
  // Of use in one state only, and noise in all others.
  for (const verb of ["retry", "cancel"] as const) if (!refusal(verb, workspace, who)) moves.unshift(verb);
  const go = (label: string, icon: Command["icon"], to: LinkOptions): Command => ({
    id: `here-${label}`,
    label: `${label} of ${name}`,
    icon,
    deed: { kind: "go", to },
  });
  return [
    {
      id: "here-open",
      label: `Open ${name}`,
      hint: "In a new tab",
      icon: ExternalLink,
      refusal: openRefusal(workspace, who),
      deed: { kind: "visit", url: workspace.url ?? "" },
    },
    ...moves.map(
      (verb): Command => ({
        id: `here-${verb}`,
        label: `${verbs[verb].label} ${name}`,
        icon: verbs[verb].icon,
        refusal: refusal(verb, workspace, who),
        deed: { kind: "lifecycle", verb, workspace },
      }),
    ),
    go("Logs", ScrollText, paths.workspaceLogs(id)),
    go("Settings", Settings, paths.workspaceSettings(id)),
  ];
}

export function pageCommands(me: Me, current: Membership | undefined): Command[] {
  const page = (
    label: string,
    icon: Command["icon"],
    to: LinkOptions,
    more: Partial<Command> = {},
  ): Command => ({ id: `page-${label}`, label, icon, deed: { kind: "go", to }, ...more });
  return [
    page("Workspaces", LayoutGrid, paths.home(), { shortcut: "workspaces", also: "home" }),
    page("Catalog", Library, paths.catalog(), { shortcut: "catalog" }),
    page("Templates", ScrollText, paths.templates(), { shortcut: "templates" }),
    ...(current
      ? [
          page("Organization", Building2, paths.org(current.slug), {
            shortcut: "organization",
            hint: current.name,
            also: "members",
          }),
          page("Usage and quota", Building2, paths.orgUsage(current.slug), { hint: current.name }),
          page("Variables of the organization", Building2, paths.orgVariables(current.slug), {
            hint: current.name,
          }),
        ]
      : []),
    page("Account", CircleUserRound, paths.account(), { also: "profile email" }),
    page("Security", CircleUserRound, paths.accountSecurity(), { also: "password two-factor authenticator" }),
    page("Sessions", CircleUserRound, paths.accountSessions(), { also: "devices" }),
    page("API tokens", CircleUserRound, paths.accountTokens()),
    page("SSH keys", CircleUserRound, paths.accountKeys()),
    page("My variables", CircleUserRound, paths.accountVariables()),
    ...(me.platform_admin
      ? [
          page("Administration", ShieldCheck, paths.admin(), { hint: "Users" }),
          page("All organizations", ShieldCheck, paths.adminOrgs(), { hint: "Administration" }),
          page("System", ShieldCheck, paths.adminSystem(), {
            hint: "Administration",
            also: "health hosts docker readiness version",
          }),
          page("Audit log of the platform", ShieldCheck, paths.adminAudit(), { hint: "Administration" }),
        ]
      : []),
  ];
}

export function foundCommands(workspaces: readonly Workspace[]): Command[] {
  return workspaces.map((workspace) => ({
    id: `workspace-${workspace.id}`,
    label: workspace.name,
    hint: `${workspaceStatus[workspace.status].label}, ${workspace.template.name}`,
    icon: LayoutGrid,
    deed: { kind: "go", to: paths.workspace(workspace.id) },
  }));
}

interface CreateFacts {
  templates: readonly Template[];
  who: Who | undefined;
  current: Membership | undefined;
}

/** One for each template that a workspace can be made from. */
export function createCommands({ templates, who, current }: CreateFacts): Command[] {
  const mayNot = who ? forbidden("createWorkspace", who) : "Join an organization first.";
  return [
    {
      id: "new-workspace",
      label: "New workspace",
      hint: current && `in ${current.name}`,
      icon: CirclePlus,
      shortcut: "newWorkspace",
      also: "create",
      deed: { kind: "go", to: paths.catalog() },
    },
    ...templates
      .filter((template) => template.active_version !== null)
      .map(
        (template): Command => ({
          id: `new-${template.id}`,
          label: `New workspace from ${titleOf(template)}`,
          icon: CirclePlus,
          also: `create ${template.name} ${template.tags.join(" ")}`,
          refusal: mayNot,
          deed: { kind: "go", to: paths.newWorkspace(template.id) },
        }),
      ),
  ];
}

export function templateCommands(templates: readonly Template[]): Command[] {
  return templates.map((template) => ({
    id: `template-${template.id}`,
    label: titleOf(template),
    hint: "Template",
    icon: Blocks,
    also: `${template.name} ${template.tags.join(" ")}`,
    deed: { kind: "go", to: paths.template(template.id) },
  }));
}

export function organizationCommands(
  organizations: readonly Membership[],
  current: Membership | undefined,
): Command[] {
  return organizations.map((org) => ({
    id: `organization-${org.id}`,
    label: `Switch to ${org.name}`,
    icon: Building2,
    also: `organization ${org.slug}`,
    current: org.id === current?.id,
    deed: { kind: "organization", slug: org.slug },
  }));
}

export function appCommands(theme: ThemeChoice): Command[] {
  const look = (choice: ThemeChoice, label: string, icon: Command["icon"]): Command => ({
    id: `theme-${choice}`,
    label,
    icon,
    also: "appearance mode",
    current: theme === choice,
    deed: { kind: "theme", choice },
  });
  return [
    look("light", "Light theme", Sun),
    look("dark", "Dark theme", Moon),
    look("system", "Theme of the system", Monitor),
    {
      id: "shortcuts",
      label: "Keyboard shortcuts",
      icon: Keyboard,
      shortcut: "help",
      also: "help",
      deed: { kind: "shortcuts" },
    },
  ];
}

/** How many of a group are shown: few while nothing is sought, so that every group is in sight. */
const SHOWN_UNASKED = 5;
const SHOWN = 8;

/** What of each group has all the words of the query, what begins with it first. Empty groups go. */
export function narrow(groups: readonly CommandGroup[], query: string): CommandGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ label, items }) => ({ label, items: best(items, words) }))
    .filter(({ items }) => items.length > 0);
}

function best(commands: readonly Command[], words: readonly string[]): Command[] {
  const [first] = words;
  if (first === undefined) return commands.slice(0, SHOWN_UNASKED);
  const found = commands.filter((command) => {
    const text = [command.label, command.hint, command.also].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rank = (command: Command) => (command.label.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, SHOWN);
}

function titleOf(template: Pick<Template, "name" | "display_name">): string {
  return template.display_name || template.name;
}
