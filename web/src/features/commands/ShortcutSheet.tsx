import { useId } from "react";
import { useLetterKeys } from "~/hooks/useLetterKeys";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Dialog } from "~/ui/Dialog";
import { Keys } from "~/ui/Keys";
import css from "./ShortcutSheet.module.css";
import { isMac, keyCaps, shortcuts } from "./shortcuts";

const groups = [...new Set(shortcuts.map(({ group }) => group))];

/** The table of shortcuts, to be read. */
export function ShortcutSheet({ onClose }: { onClose(): void }) {
  const [letters, setLetters] = useLetterKeys();
  const mac = isMac();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Keyboard shortcuts"
      cancel={null}
      onSubmit={onClose}
      confirm={<Button type="submit">Close</Button>}
    >
      <div className={css.groups}>
        {groups.map((group) => (
          <ShortcutGroup key={group} name={group} mac={mac} />
        ))}
      </div>
      <Checkbox checked={letters} onChange={setLetters}>
        Shortcuts of single letters
        <span className={css.hint}>
          Remembered in this browser. {keyCaps("palette", mac).join(" ")} works either way.
        </span>
      </Checkbox>
    </Dialog>
  );
}

function ShortcutGroup({ name, mac }: { name: string; mac: boolean }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={css.heading}>
        {name}
      </h3>
      <dl className={css.list}>
        {shortcuts
          .filter(({ group }) => group === name)
          .map((shortcut) => (
            <div key={shortcut.id} className={css.row}>
              <dt>{shortcut.label}</dt>
              <dd>
                <Keys caps={keyCaps(shortcut.id, mac)} always />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
