import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { meQueries, useDeleteToken } from "~/api/me";
import type { ApiToken, Me } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { Refused } from "~/features/Refused";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Empty } from "~/ui/Empty";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { CreateTokenDialog } from "./CreateTokenDialog";
import { expiryState } from "./expiry";
import { scopeSummary } from "./scopes";

export function TokenList({ me }: { me: Me }) {
  const query = useQuery(meQueries.tokens());
  const [creating, setCreating] = useState(false);
  const [leaving, setLeaving] = useState<ApiToken | null>(null);
  const create = (
    <Button icon={Plus} size="s" onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  return (
    <Section title="API tokens" note="For programs that act as you" bare actions={create}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No tokens yet">
              A token lets a script, a pipeline or another program use the API as you, within the limits you
              give it.
            </Empty>
          ) : (
            <ItemList label="API tokens">
              {items.map((token) => (
                <TokenItem key={token.id} token={token} onDelete={() => setLeaving(token)} />
              ))}
            </ItemList>
          )
        }
      </Loaded>
      {creating && <CreateTokenDialog platformAdmin={me.platform_admin} onClose={() => setCreating(false)} />}
      {leaving && <DeleteTokenDialog token={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

function TokenItem({ token, onDelete }: { token: ApiToken; onDelete(): void }) {
  const state = expiryState(token.expires_at, Date.now());
  return (
    <Item
      icon={KeyRound}
      title={token.name}
      faded={state === "expired"}
      badges={
        <>
          {state === "expired" && <Badge tone="fail">Expired</Badge>}
          {state === "soon" && <Badge tone="warn">Expires soon</Badge>}
          {state === "never" && <Badge>No expiry</Badge>}
        </>
      }
      facts={[
        <code key="prefix">{token.prefix}…</code>,
        scopeSummary(token.scopes),
        token.expires_at && (
          <>
            {state === "expired" ? "expired" : "expires"} <RelativeTime at={token.expires_at} />
          </>
        ),
        token.last_used_at ? (
          <>
            used <RelativeTime at={token.last_used_at} />
            {token.last_used_address && ` from ${token.last_used_address}`}
          </>
        ) : (
          "never used"
        ),
      ]}
      action={
        <Button size="s" aria-label={`Delete ${token.name}`} onClick={onDelete}>
          Delete
        </Button>
      }
    />
  );
}

function DeleteTokenDialog({ token, onClose }: { token: ApiToken; onClose(): void }) {
  const remove = useDeleteToken();
  return (
    <ConfirmDialog
      title={`Delete ${token.name}?`}
      verb="Delete token"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(token.id, { onSuccess: onClose })}
    >
      <p>Whatever uses it is refused from the next request on.</p>
      <Refused title="Not deleted" error={remove.error} />
    </ConfirmDialog>
  );
}
