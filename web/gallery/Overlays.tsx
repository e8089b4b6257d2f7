import { LayoutGrid, Library, Play, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";
import { Palette, type PaletteItem } from "~/ui/Palette";
import { useToast } from "~/ui/Toasts";
import { Specimen, Specimens } from "./Specimens";

const items: PaletteItem[] = [
  { id: "start", label: "Start shop", icon: Play, refusal: "It is running." },
  { id: "home", label: "Workspaces", icon: LayoutGrid, keys: ["g", "h"] },
  { id: "catalog", label: "Catalog", icon: Library, hint: "Templates of everybody" },
  { id: "light", label: "Light theme", icon: Sun, current: true },
];

type Shown = "dialog" | "confirm" | "palette" | "palette-empty";

export function Overlays() {
  const toast = useToast();
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  return (
    <Specimens title="What comes in front">
      <Specimen name="Dialog, ConfirmDialog, Palette, Toasts">
        <Button onClick={() => setShown("dialog")}>Dialog</Button>
        <Button onClick={() => setShown("confirm")}>Last question</Button>
        <Button onClick={() => setShown("palette")}>Palette</Button>
        <Button onClick={() => setShown("palette-empty")}>Palette that finds nothing</Button>
        <Button onClick={() => toast.say("Saved", "It holds from now on.")}>News</Button>
        <Button onClick={() => toast.fail("shop: start refused", new Error("The quota is used up."))}>
          Bad news
        </Button>
      </Specimen>
      <Dialog
        open={shown === "dialog"}
        onClose={close}
        title="Rename shop"
        confirm={
          <Button type="submit" look="primary">
            Rename
          </Button>
        }
        onSubmit={close}
      >
        <TextField label="New name" defaultValue="shop" />
      </Dialog>
      {shown === "confirm" && (
        <ConfirmDialog
          title="Destroy shop?"
          name="shop"
          verb="Destroy with its data"
          busy={false}
          onClose={close}
          onConfirm={close}
        >
          <p>Containers, networks and routes go at once.</p>
        </ConfirmDialog>
      )}
      {shown === "palette" && <Commands items={items} onClose={close} />}
      {shown === "palette-empty" && <Commands items={[]} onClose={close} />}
    </Specimens>
  );
}

function Commands({ items: offered, onClose }: { items: readonly PaletteItem[]; onClose(): void }) {
  const [query, setQuery] = useState("");
  return (
    <Palette
      label="Commands"
      placeholder="Pages, actions"
      query={query}
      onQuery={setQuery}
      groups={offered.length > 0 ? [{ label: "Here", items: offered }] : []}
      onChoose={onClose}
      onClose={onClose}
      busy={offered.length === 0}
      problem={offered.length === 0 ? "The server did not answer." : undefined}
      empty="Nothing is called that."
    />
  );
}
