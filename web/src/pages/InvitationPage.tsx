import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { authQueries, useSignOut } from "~/api/auth";
import { invitationQueries, useAcceptInvitation } from "~/api/invitations";
import { ApiProblem } from "~/api/problem";
import { session } from "~/api/session";
import type { Me, ShownInvitation } from "~/api/types";
import { DeadLink } from "~/features/auth/DeadLink";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { dropLinkToken, linkToken } from "~/features/auth/linkToken";
import { RegisterForm } from "~/features/auth/RegisterForm";
import { SignInForm } from "~/features/auth/SignInForm";
import { Loaded } from "~/features/Loaded";
import { Refused } from "~/features/Refused";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { useToast } from "~/ui/Toasts";

const PAGE = "/invitations";

/** Whoever opens the link joins with the account it names: by signing in, by making it, or by a press if they are it. */
export function InvitationPage() {
  useTitle("Invitation");
  const [token] = useState(() => linkToken(PAGE));
  return token ? <Invited token={token} /> : <DeadInvitation />;
}

function DeadInvitation() {
  return (
    <DeadLink>
      Ask whoever invited you for a new one, or <Link {...paths.home()}>go to your workspaces</Link>.
    </DeadLink>
  );
}

function Invited({ token }: { token: string }) {
  const query = useQuery(invitationQueries.shown(token));
  const dead = query.error instanceof ApiProblem && [404, 410, 422].includes(query.error.status);
  if (dead) return <DeadInvitation />;
  return (
    <Loaded query={query} page waiting={<Skeleton shape="title" />}>
      {(invitation) => (
        <>
          <GateHeading title={`Join ${invitation.org.name}`}>
            You are invited as <strong>{invitation.role}</strong>. The invitation ends{" "}
            <RelativeTime at={invitation.expires_at} />.
          </GateHeading>
          <Ways token={token} invitation={invitation} />
        </>
      )}
    </Loaded>
  );
}

function Ways({ token, invitation }: { token: string; invitation: ShownInvitation }) {
  // Who opened the link: signing in below does not make it somebody else's.
  const client = useQueryClient();
  const [myself, setMyself] = useState(() =>
    session.state() === "signed-in" ? client.getQueryData(authQueries.me().queryKey) : undefined,
  );
  const navigate = useNavigate();
  const toast = useToast();
  const [, choose] = useChosenOrg();
  const accept = useAcceptInvitation();

  function enter(slug = invitation.org.slug) {
    dropLinkToken(PAGE);
    choose(slug);
    toast.say(`You are now in ${invitation.org.name}`);
    return navigate({ ...paths.home(), replace: true });
  }
  const join = () => accept.mutate(token, { onSuccess: (org) => enter(org.slug) });

  if (accept.isPending || accept.error) {
    return (
      <div className={css.stack}>
        <Refused title="Not joined" error={accept.error} />
        <Button look="primary" className={css.submit} busy={accept.isPending} onClick={join}>
          Join {invitation.org.name}
        </Button>
      </div>
    );
  }
  if (myself) {
    return (
      <AsMyself me={myself} invitation={invitation} onJoin={join} onSignedOut={() => setMyself(undefined)} />
    );
  }
  if (invitation.account_exists)
    return <SignInForm login={invitation.email} verb="Sign in and join" onDone={join} />;
  return (
    <RegisterForm
      invited={{ email: invitation.email, token }}
      verb="Create account and join"
      onDone={() => enter()}
    />
  );
}

interface AsMyselfProps {
  me: Me;
  invitation: ShownInvitation;
  onJoin(): void;
  onSignedOut(): void;
}

function AsMyself({ me, invitation, onJoin, onSignedOut }: AsMyselfProps) {
  const signOut = useSignOut();
  const same = me.email.toLowerCase() === invitation.email.toLowerCase();
  if (same) {
    return (
      <div className={css.stack}>
        <Button look="primary" className={css.submit} onClick={onJoin}>
          Join as {me.username}
        </Button>
        <p className={css.lead}>Signed in with {me.email}.</p>
      </div>
    );
  }
  return (
    <div className={css.stack}>
      <p>
        The invitation is for <strong>{invitation.email}</strong>, and you are signed in as{" "}
        <strong>{me.username}</strong> ({me.email}).
      </p>
      <Refused title="Still signed in" error={signOut.error} />
      <Button
        look="primary"
        className={css.submit}
        busy={signOut.isPending}
        onClick={() => signOut.mutate(undefined, { onSuccess: onSignedOut })}
      >
        Sign out and go on as {invitation.email}
      </Button>
      <Button className={css.submit} render={<Link {...paths.home()} />}>
        Stay signed in as {me.username}
      </Button>
    </div>
  );
}
