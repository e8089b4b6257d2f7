import { useQuery } from "@tanstack/react-query";
import { Plus, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { meQueries, useAddSshKey, useDeleteSshKey } from "~/api/me";
import type { SshKey } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Dialog } from "~/ui/Dialog";
import { Empty } from "~/ui/Empty";
import { TextField } from "~/ui/Field";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { TextArea } from "~/ui/TextArea";

export function SshKeyList() {
  const query = useQuery(meQueries.sshKeys());
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<SshKey | null>(null);
  return (
    <Section
      title="SSH keys"
      note="For the SSH way into workspaces, which is still to come"
      bare
      actions={
        <Button icon={Plus} size="s" onClick={() => setAdding(true)}>
          Add key
        </Button>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No keys yet">
              Add the public half of your key, the file that ends in <code>.pub</code>.
            </Empty>
          ) : (
            <ItemList label="SSH keys">
              {items.map((key) => (
                <Item
                  key={key.id}
                  icon={SquareTerminal}
                  title={key.name}
                  facts={[
                    key.key_type,
                    <code key="fingerprint">{key.fingerprint}</code>,
                    key.last_used_at ? (
                      <>
                        used <RelativeTime at={key.last_used_at} />
                      </>
                    ) : (
                      "never used"
                    ),
                  ]}
                  action={
                    <Button size="s" aria-label={`Delete ${key.name}`} onClick={() => setLeaving(key)}>
                      Delete
                    </Button>
                  }
                />
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {adding && <AddKeyDialog onClose={() => setAdding(false)} />}
      {leaving && <DeleteKeyDialog sshKey={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

/** The half that must not leave its owner's machine. */
function isPrivate(text: string): boolean {
  return text.includes("PRIVATE KEY");
}

function AddKeyDialog({ onClose }: { onClose(): void }) {
  const add = useAddSshKey();
  const [name, setName] = useState("");
  const [text, setText] = useState("");

  function paste(next: string) {
    setText(next);
    // The comment at the end of a key names it well.
    const comment = next.trim().split(/\s+/).slice(2).join(" ");
    if (!name && comment && !isPrivate(next)) setName(comment);
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add an SSH key"
      onSubmit={() => add.mutate({ name: name.trim(), public_key: text.trim() }, { onSuccess: onClose })}
      confirm={
        <Button
          type="submit"
          look="primary"
          busy={add.isPending}
          refusal={isPrivate(text) ? "Paste the public half." : undefined}
        >
          Add key
        </Button>
      }
    >
      <Refused title="Not added" error={add.error} fields={["name", "public_key"]} />
      <TextArea
        label="Public key"
        rows={4}
        hint="One line, as in ~/.ssh/id_ed25519.pub. Never the private half."
        value={text}
        onValueChange={paste}
        problem={
          isPrivate(text)
            ? "This is the private half. It belongs to nobody but you."
            : fieldProblem(add.error, "public_key")
        }
      />
      <TextField
        label="Name"
        name="name"
        autoComplete="off"
        required
        value={name}
        onValueChange={setName}
        problem={fieldProblem(add.error, "name")}
      />
    </Dialog>
  );
}

function DeleteKeyDialog({ sshKey, onClose }: { sshKey: SshKey; onClose(): void }) {
  const remove = useDeleteSshKey();
  return (
    <ConfirmDialog
      title={`Delete ${sshKey.name}?`}
      verb="Delete key"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(sshKey.id, { onSuccess: onClose })}
    >
      <p>It opens no workspace any more.</p>
      <Refused title="Not deleted" error={remove.error} />
    </ConfirmDialog>
  );
}
