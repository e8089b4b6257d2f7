import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { authQueries } from "~/api/auth";
import { ApiProblem } from "~/api/problem";
import { useTicket } from "~/api/workspaces";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { Refused } from "~/features/Refused";
import { BringUp } from "~/features/workspaces/BringUp";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";

/**
 * On the way into a workspace's address: it sent its visitor here, to come back with a ticket or when it is up. The
 * knock tells it that this is the browser that it sent, and goes back as it came.
 */
export function OpenPage() {
  const { to = "", knock = "" } = useSearch({ from: "/gate/open" });
  const { data: me } = useSuspenseQuery(authQueries.me());
  const ticket = useTicket();
  const { mutate, data, error } = ticket;
  useTitle(error ? "Not opened" : "Opening");

  const up = data?.workspace.status === "running";
  const there = data && at(data.url, to);
  const goThere = useCallback(() => there && location.replace(there), [there]);

  useEffect(() => mutate(to), [mutate, to]);
  useEffect(() => {
    if (!data || !up) return;
    if (knock) location.replace(`${data.url}&knock=${encodeURIComponent(knock)}`);
    else goThere();
  }, [data, up, knock, goThere]);

  // By now the ticket may be too old; whoever needs one is sent for another.
  if (data && !up) return <BringUp destination={data.workspace} onUp={goThere} />;
  if (!error)
    return (
      <div role="status">
        <GateHeading title="Opening the workspace">A moment: this page goes on by itself.</GateHeading>
      </div>
    );
  const [title, explanation] = told(error);
  return (
    <>
      <GateHeading title={title}>
        You are signed in as <strong>{me.username}</strong>. {explanation}
      </GateHeading>
      <div className={css.stack}>
        <Refused title="Not opened" error={error} />
        <div className={css.pair}>
          <Button className={css.submit} busy={ticket.isPending} onClick={() => mutate(to)}>
            Try again
          </Button>
          <Button look="primary" className={css.submit} render={<Link {...paths.home()} />}>
            My workspaces
          </Button>
        </div>
      </div>
    </>
  );
}

/** The path of the one at the address of the other, so that the server alone says which address it is. */
function at(address: string, wanted: string): string {
  const there = new URL(address);
  const { pathname, search } = new URL(wanted);
  Object.assign(there, { pathname, search });
  return there.href;
}

function told(error: Error): [title: string, explanation: string] {
  const status = error instanceof ApiProblem ? error.status : 0;
  if (status === 403) return ["This is not open to you", "Ask the owner of the workspace to show it to you."];
  if (status === 404 || status === 422)
    return ["No workspace lives here", "The address may be mistyped, or the workspace was destroyed."];
  return ["It could not be opened", "Nothing is wrong with the address."];
}
