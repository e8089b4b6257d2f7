import { useQueries, useQuery } from "@tanstack/react-query";
import { useMatch, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { templateQueries } from "~/api/templates";
import { useLifecycle, workspaceQueries } from "~/api/workspaces";
import { starredFirst, useStarred } from "~/features/workspaces/starred";
import { verbs } from "~/features/workspaces/verbs";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { useMembership } from "~/hooks/useMembership";
import { useTheme } from "~/hooks/useTheme";
import { paths } from "~/paths";
import { Palette } from "~/ui/Palette";
import { useToast } from "~/ui/Toasts";
import {
  appCommands,
  type Command,
  createCommands,
  type Deed,
  foundCommands,
  narrow,
  organizationCommands,
  pageCommands,
  templateCommands,
  workspaceCommands,
} from "./commands";
import { isMac, keyCaps } from "./shortcuts";
import { useFoundWorkspaces } from "./useFoundWorkspaces";

interface CommandPaletteProps {
  onClose(): void;
  onShortcuts(): void;
}

/** Goes anywhere and does what is at hand, by a few letters of its name. */
export function CommandPalette({ onClose, onShortcuts }: CommandPaletteProps) {
  const [query, setQuery] = useState("");
  const { commands, searching, failed } = useCommands(query);
  const act = useDeeds(onShortcuts);
  const mac = isMac();
  const groups = narrow(commands, query).map(({ label, items }) => ({
    label,
    items: items.map((item) => ({ ...item, keys: item.shortcut && keyCaps(item.shortcut, mac) })),
  }));
  return (
    <Palette<Command>
      label="Search, jump and command"
      placeholder="Workspaces, pages, actions"
      query={query}
      onQuery={setQuery}
      groups={groups}
      busy={searching}
      problem={failed ? "The server did not answer, so something may be missing here." : undefined}
      empty={<>Nothing is called “{query.trim()}”. Try a part of its name.</>}
      onClose={onClose}
      onChoose={({ deed }) => {
        onClose();
        act(deed);
      }}
    />
  );
}

/** All that could be chosen here and now, the nearest first. */
function useCommands(query: string) {
  const { me, current, whoIn } = useMembership();
  const [theme] = useTheme();
  const [starred] = useStarred(me.id);
  const page = useMatch({ from: "/app/workspaces/$id", shouldThrow: false });
  const here = useQuery({
    ...workspaceQueries.one(page?.params.id ?? ""),
    enabled: page !== undefined,
  }).data;
  const { workspaces, searching, failed } = useFoundWorkspaces(query);
  const [own, shared] = useQueries({
    queries: [
      { ...templateQueries.ofOrg(current?.slug ?? ""), enabled: current !== undefined },
      templateQueries.catalog(),
    ],
  });
  const templates = [...(own.data?.items ?? []), ...(shared.data?.items ?? [])];
  const who = current && whoIn(current.id);
  const others = starredFirst(workspaces, starred).filter(({ id }) => id !== here?.id);
  const asked = query.trim() !== "";
  const commands = [
    { label: "This workspace", items: here ? workspaceCommands(here, whoIn(here.org_id)) : [] },
    { label: "Workspaces", items: foundCommands(others) },
    { label: "Create", items: createCommands({ templates, who, current }) },
    { label: "Go to", items: pageCommands(me, current) },
    // Dozens of templates say nothing to somebody who has not asked.
    { label: "Templates", items: asked ? templateCommands(templates) : [] },
    { label: "Organizations", items: organizationCommands(me.organizations, current) },
    { label: "This app", items: appCommands(theme) },
  ];
  return {
    commands,
    searching: searching || own.isLoading || shared.isPending,
    failed: failed || own.isError || shared.isError,
  };
}

function useDeeds(onShortcuts: () => void) {
  const navigate = useNavigate();
  const lifecycle = useLifecycle();
  const toast = useToast();
  const [, chooseOrg] = useChosenOrg();
  const [, chooseTheme] = useTheme();
  const { org: shown } = useParams({ strict: false });
  return (deed: Deed) => {
    switch (deed.kind) {
      case "go":
        return void navigate(deed.to);
      case "visit":
        return void window.open(deed.url, "_blank", "noreferrer");
      case "lifecycle": {
        const { verb, workspace } = deed;
        const name = verbs[verb].label.toLowerCase();
        // The palette is closed by then, and what is passed to mutate() would not be called any more.
        return void lifecycle
          .mutateAsync(deed)
          .catch((error: unknown) => toast.fail(`${workspace.name}: ${name} refused`, error));
      }
      case "organization":
        chooseOrg(deed.slug);
        // A page about one organization becomes the same about the other.
        if (shown) void navigate(paths.org(deed.slug));
        return;
      case "theme":
        return chooseTheme(deed.choice);
      case "shortcuts":
        return onShortcuts();
    }
  };
}
