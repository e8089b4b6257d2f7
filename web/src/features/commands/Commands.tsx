import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { useLetterKeys } from "~/hooks/useLetterKeys";
import { useMembership } from "~/hooks/useMembership";
import { paths } from "~/paths";
import { Keys } from "~/ui/Keys";
import { lazily } from "~/ui/lazily";
import { useToast } from "~/ui/Toasts";
import css from "./Commands.module.css";
import { isMac, keyCaps, makeListener, type ShortcutId, takesLetters } from "./shortcuts";

const load = lazily(() => import("./overlays"));
type Overlays = Awaited<ReturnType<typeof load>>;

/** The button that opens the palette, and the keyboard. */
export function Commands() {
  const [overlays, setOverlays] = useState<Overlays>();
  const [open, setOpen] = useState<"palette" | "sheet">();
  const toast = useToast();
  const close = () => setOpen(undefined);

  async function show(which: "palette" | "sheet") {
    try {
      setOverlays(await load());
      setOpen(which);
    } catch (error) {
      toast.fail("It could not be loaded", error);
    }
  }
  useShortcuts({ palette: () => void show("palette"), help: () => void show("sheet") });

  return (
    <>
      <button
        type="button"
        className={css.trigger}
        aria-label="Search, jump and command"
        aria-haspopup="dialog"
        onClick={() => void show("palette")}
        onPointerEnter={() => void load().catch(() => undefined)}
      >
        <Search className={css.icon} aria-hidden />
        <span className={css.label}>Search</span>
        <span className={css.keys}>
          <Keys caps={keyCaps("palette", isMac())} />
        </span>
      </button>
      {overlays && open === "palette" && (
        <overlays.CommandPalette onClose={close} onShortcuts={() => setOpen("sheet")} />
      )}
      {overlays && open === "sheet" && <overlays.ShortcutSheet onClose={close} />}
    </>
  );
}

function useShortcuts({ palette, help }: { palette(): void; help(): void }) {
  const navigate = useNavigate();
  const { current } = useMembership();
  const [letters] = useLetterKeys();
  const [listen] = useState(() => makeListener(isMac()));

  const deeds: Record<ShortcutId, () => void> = {
    palette,
    help,
    search() {
      const field = searchField();
      if (field) field.focus();
      else palette();
    },
    newWorkspace: () => void navigate(paths.catalog()),
    workspaces: () => void navigate(paths.home()),
    catalog: () => void navigate(paths.catalog()),
    templates: () => void navigate(paths.templates()),
    organization: () => void (current && navigate(paths.org(current.slug))),
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    // While a character is composed, nothing is typed yet.
    if (event.defaultPrevented || event.isComposing) return;
    const inDialog = dialogIsOpen();
    const typing = !letters || inDialog || takesLetters(event.target);
    const { key, ctrlKey, metaKey, altKey, repeat } = event;
    const id = listen({ key, ctrlKey, metaKey, altKey, repeat, typing }, event.timeStamp);
    if (!id) return;
    event.preventDefault();
    // A dialog is a question of its own. The browser is not to make something else of the keys, though.
    if (!inDialog) deeds[id]();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function searchField(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>('main input[type="search"]');
}

/** News that comes and goes at the edge of the page is a dialog by its role, and keeps nobody from anything. */
function dialogIsOpen(): boolean {
  const dialogs = ":is([role=dialog], [role=alertdialog]):not([aria-modal=false])";
  return document.querySelector(dialogs) !== null;
}
