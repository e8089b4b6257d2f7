import { useQuery } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useSignOut } from "~/api/auth";
import { meQueries, useEndOtherSessions, useEndSession } from "~/api/me";
import type { SignIn } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { useToast } from "~/ui/Toasts";
import { isHandheld } from "./isHandheld";

export function SessionList() {
  const query = useQuery(meQueries.sessions());
  const endOthers = useEndOtherSessions();
  const toast = useToast();
  const others = query.data?.items.filter(({ current }) => !current).length;
  return (
    <Section
      title="Where you are signed in"
      bare
      actions={
        <Button
          size="s"
          busy={endOthers.isPending}
          refusal={others === 0 ? "There is no other session." : undefined}
          onClick={() =>
            endOthers.mutate(undefined, {
              onSuccess: () => toast.say("You are signed out everywhere else"),
              onError: (error) => toast.fail("Other sessions were not ended", error),
            })
          }
        >
          Sign out all others
        </Button>
      }
    >
      <Loaded query={query}>
        {({ items }) => (
          <ItemList label="Sessions">
            {items
              .toSorted((a, b) => Number(b.current) - Number(a.current))
              .map((each) => (
                <SessionItem key={each.id} session={each} />
              ))}
          </ItemList>
        )}
      </Loaded>
    </Section>
  );
}

function SessionItem({ session }: { session: SignIn }) {
  const end = useEndSession();
  const signOut = useSignOut();
  const toast = useToast();
  const { device } = session;
  const onError = (error: Error) => toast.fail("Still signed in", error);
  return (
    <Item
      icon={isHandheld(session.user_agent) ? Smartphone : Monitor}
      title={device}
      badges={session.current && <Badge tone="accent">This one</Badge>}
      facts={[
        session.current ? (
          "active now"
        ) : (
          <>
            last seen <RelativeTime at={session.last_used_at} />
          </>
        ),
        session.address,
        <>
          signed in <RelativeTime at={session.created_at} />
        </>,
      ]}
      action={
        <Button
          size="s"
          aria-label={`Sign out ${device}`}
          busy={end.isPending || signOut.isPending}
          onClick={() =>
            session.current ? signOut.mutate(undefined, { onError }) : end.mutate(session.id, { onError })
          }
        >
          Sign out
        </Button>
      }
    />
  );
}
