import { LayoutGrid, List, type LucideIcon, Pencil, Play, Plus, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { ActionMenu } from "~/ui/ActionMenu";
import { ActionRow } from "~/ui/ActionRow";
import { Button, IconButton } from "~/ui/Button";
import { CopyButton } from "~/ui/CopyButton";
import { Keys } from "~/ui/Keys";
import { SearchBox } from "~/ui/SearchBox";
import { Segments } from "~/ui/Segments";
import { TabLinks } from "~/ui/TabLinks";
import { Tooltip } from "~/ui/Tooltip";
import { Specimen, Specimens } from "./Specimens";

const looks = ["primary", "plain", "quiet", "danger"] as const;
const sizes = ["m", "s"] as const;
const reason = "Only admins and owners of this organization may do this.";

type View = "cards" | "table";

const views: { value: View; label: string; icon: LucideIcon }[] = [
  { value: "cards", label: "Cards", icon: LayoutGrid },
  { value: "table", label: "Table", icon: List },
];
const squareViews = views.map((view) => ({ ...view, iconOnly: true }));

export function Actions() {
  const [view, setView] = useState<View>("cards");
  const [query, setQuery] = useState("");
  return (
    <Specimens title="Actions">
      {sizes.map((size) => (
        <Specimen key={size} name={`Button, size ${size}`}>
          {looks.map((look) => (
            <Button key={look} look={look} size={size} icon={Play}>
              {look}
            </Button>
          ))}
          <Button size={size}>No icon</Button>
          <Button size={size} look="primary" busy>
            Busy
          </Button>
          <Button size={size} refusal={reason}>
            Refused
          </Button>
          <Button size={size} look="primary" refusal={reason}>
            Refused primary
          </Button>
          <Button size={size} disabled>
            Disabled
          </Button>
          <Button size={size} render={<a href="#top" />} after={<Keys caps={["g", "h"]} always />}>
            A link
          </Button>
        </Specimen>
      ))}
      <Specimen name="IconButton">
        <IconButton icon={Plus} label="Add" />
        <IconButton icon={RotateCw} label="Again, small" size="s" />
        <IconButton icon={List} label="Pressed" aria-pressed />
        <IconButton icon={Trash2} label="Remove" refusal={reason} />
        <CopyButton text="copied" label="Copy a word" />
      </Specimen>
      <Specimen name="ActionMenu, Tooltip">
        <ActionMenu
          label="Actions for dev-1"
          actions={[
            { label: "Rename", icon: Pencil, onSelect: () => undefined },
            { label: "Start", icon: Play, onSelect: () => undefined, refusal: reason },
            { label: "Remove", icon: Trash2, onSelect: () => undefined, tone: "danger" },
          ]}
        />
        <Tooltip text="A few more words">
          <button type="button">Point here</button>
        </Tooltip>
      </Specimen>
      <Specimen name="Segments">
        <Segments label="View" value={view} onChange={(next: View) => setView(next)} options={views} />
        <Segments
          label="View, icons only"
          value={view}
          onChange={(next: View) => setView(next)}
          options={squareViews}
        />
      </Specimen>
      <Specimen name="SearchBox">
        <SearchBox label="Search workspaces" value={query} onChange={setQuery} />
      </Specimen>
      <Specimen name="TabLinks" columns>
        <TabLinks
          label="Parts"
          tabs={[
            { to: { to: "/" }, label: "Overview", exact: true },
            { to: { to: "/catalog" }, label: "Logs" },
          ]}
        />
      </Specimen>
      <Specimen name="ActionRow" columns>
        <ActionRow title="Update" action={<Button>Update workspace</Button>}>
          New containers around the same volumes.
        </ActionRow>
        <ActionRow
          title="Destroy"
          action={
            <Button look="danger" refusal={reason}>
              Destroy
            </Button>
          }
        >
          Containers, networks and routes go at once.
        </ActionRow>
      </Specimen>
    </Specimens>
  );
}
