import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { type LucideIcon, Search, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useReturnFocus } from "~/hooks/useReturnFocus";
import { classes } from "./classes";
import dialog from "./Dialog.module.css";
import { Keys } from "./Keys";
import css from "./Palette.module.css";

export interface PaletteItem {
  id: string;
  label: string;
  icon: LucideIcon;
  /** What it is, or where; beside its name. */
  hint?: string | undefined;
  /** The keys that do the same. */
  keys?: readonly string[] | undefined;
  /** It is the one of its kind that holds now. */
  current?: boolean | undefined;
  /** Why it cannot be chosen now. It stays in the list, so that the reason can be read. */
  refusal?: string | undefined;
}

export interface PaletteGroup<T extends PaletteItem> {
  label: string;
  items: readonly T[];
}

interface PaletteProps<T extends PaletteItem> {
  label: string;
  placeholder: string;
  query: string;
  onQuery(query: string): void;
  groups: readonly PaletteGroup<T>[];
  onChoose(item: T): void;
  onClose(): void;
  /** More is being asked for. */
  busy: boolean;
  /** Why the list may not be whole. */
  problem?: string | undefined;
  /** Instead of an empty list. */
  empty: ReactNode;
}

/** One field for everything: what is typed narrows the list, the arrows move in it, Enter does it. */
export function Palette<T extends PaletteItem>(props: PaletteProps<T>) {
  const { label, placeholder, query, onQuery, groups, onChoose, onClose, busy, problem, empty } = props;
  const opener = useReturnFocus();
  const [refused, setRefused] = useState<T>();
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);

  function choose(item: T) {
    if (item.refusal) setRefused(item);
    else onChoose(item);
  }

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.backdrop} />
        <Dialog.Popup className={css.popup} aria-label={label} finalFocus={opener}>
          <Autocomplete.Root
            open
            inline
            mode="none"
            items={groups.map(({ label: value, items }) => ({ value, items }))}
            itemToStringValue={(item: T) => item.label}
            value={query}
            onValueChange={(value, details) => {
              // Choosing writes the name of what was chosen into the field; here, it is not a text that is sought.
              if (details.reason === "item-press") return;
              setRefused(undefined);
              onQuery(value);
            }}
            autoHighlight="always"
            keepHighlight
          >
            <div className={css.field}>
              <Search className={css.sign} aria-hidden />
              <Autocomplete.Input className={css.input} aria-label={label} placeholder={placeholder} />
              <Dialog.Close className={css.close} aria-label="Close">
                <X aria-hidden />
              </Dialog.Close>
            </div>
            <Autocomplete.List className={css.list} aria-label="Results" data-busy={busy || undefined}>
              {(group: { value: string; items: readonly T[] }) => (
                <Autocomplete.Group key={group.value} items={group.items} className={css.group}>
                  <Autocomplete.GroupLabel className={css.heading}>{group.value}</Autocomplete.GroupLabel>
                  <Autocomplete.Collection>
                    {(item: T) => <Entry key={item.id} item={item} onChoose={choose} />}
                  </Autocomplete.Collection>
                </Autocomplete.Group>
              )}
            </Autocomplete.List>
            {count === 0 && !busy && <div className={css.empty}>{empty}</div>}
            <p className={classes(css.foot, (refused || problem) && css.warning)} role="status">
              {refused ? `${refused.label}: ${refused.refusal}` : (problem ?? said(count, busy))}
            </p>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Entry<T extends PaletteItem>({ item, onChoose }: { item: T; onChoose(item: T): void }) {
  const { label, icon: Icon, hint, keys, current, refusal } = item;
  return (
    <Autocomplete.Item
      value={item}
      className={css.item}
      // Not disabled: then the arrows would pass it by, and with it the reason.
      aria-disabled={refusal ? true : undefined}
      onClick={() => onChoose(item)}
    >
      <Icon className={css.icon} aria-hidden />
      <span className={css.words}>
        <span className={css.label}>{label}</span>
        {(refusal || hint) && <span className={css.hint}>{refusal ?? hint}</span>}
      </span>
      {current && <span className={css.current}>Current</span>}
      {keys && <Keys caps={keys} />}
    </Autocomplete.Item>
  );
}

function said(count: number, busy: boolean): string {
  if (busy) return "Looking further";
  if (count === 0) return "Nothing found";
  return count === 1 ? "1 result" : `${count} results`;
}
