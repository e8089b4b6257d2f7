import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link2, Unlink } from "lucide-react";
import { useState } from "react";
import { authQueries } from "~/api/auth";
import { meQueries, useConnect, useDisconnect } from "~/api/me";
import type { Identity, Me, Provider } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { useToast } from "~/ui/Toasts";

/** Where a provider sends the browser back to. */
const SECURITY_PAGE = "/account/security";

/** Ways in besides the password: those in use, and those that could be. */
export function IdentitySection({ me }: { me: Me }) {
  const { data: methods } = useSuspenseQuery(authQueries.methods());
  const query = useQuery(meQueries.identities());
  const [leaving, setLeaving] = useState<Identity | null>(null);
  if (methods.providers.length === 0 && query.data?.items.length === 0) return null;
  return (
    <Section title="Connected sign-in methods" bare>
      <Loaded query={query}>
        {({ items }) => (
          <ItemList label="Sign-in methods">
            {items.map((identity) => (
              <Item
                key={identity.id}
                icon={Link2}
                title={identity.provider_name}
                facts={[
                  identity.subject_hint,
                  identity.last_used_at ? (
                    <>
                      used <RelativeTime at={identity.last_used_at} />
                    </>
                  ) : (
                    "never used"
                  ),
                ]}
                action={
                  <Button
                    size="s"
                    aria-label={`Disconnect ${identity.provider_name}`}
                    refusal={!me.has_password && items.length === 1 ? "It is your only way in." : undefined}
                    onClick={() => setLeaving(identity)}
                  >
                    Disconnect
                  </Button>
                }
              />
            ))}
            {methods.providers
              .filter(({ id }) => !items.some(({ provider }) => provider === id))
              .map(({ id, name }) => (
                <Item
                  key={id}
                  icon={Unlink}
                  faded
                  title={name}
                  facts={["not connected"]}
                  action={<ConnectButton provider={{ id, name }} />}
                />
              ))}
          </ItemList>
        )}
      </Loaded>
      {leaving && <DisconnectDialog identity={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

function ConnectButton({ provider }: { provider: Provider }) {
  const connect = useConnect();
  const toast = useToast();
  return (
    <Button
      size="s"
      aria-label={`Connect ${provider.name}`}
      // Busy until the browser has left.
      busy={connect.isPending || connect.isSuccess}
      onClick={() =>
        connect.mutate(
          { provider: provider.id, returnTo: SECURITY_PAGE },
          {
            onSuccess: ({ authorization_url }) => location.assign(authorization_url),
            onError: (error) => toast.fail(`${provider.name} was not connected`, error),
          },
        )
      }
    >
      Connect
    </Button>
  );
}

function DisconnectDialog({ identity, onClose }: { identity: Identity; onClose(): void }) {
  const disconnect = useDisconnect();
  return (
    <ConfirmDialog
      title={`Disconnect ${identity.provider_name}?`}
      verb="Disconnect"
      busy={disconnect.isPending}
      onClose={onClose}
      onConfirm={() => disconnect.mutate(identity.id, { onSuccess: onClose })}
    >
      <p>
        <strong>{identity.subject_hint}</strong> does not sign in to this account any more. Your account there
        is not touched.
      </p>
      <Refused title="Still connected" error={disconnect.error} />
    </ConfirmDialog>
  );
}
