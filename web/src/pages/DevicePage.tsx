import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { authQueries, useAnswerDevice } from "~/api/auth";
import { ApiProblem } from "~/api/problem";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { isWholeUserCode, userCode } from "~/features/auth/userCode";
import { Loaded } from "~/features/Loaded";
import { Refused } from "~/features/Refused";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Facts } from "~/ui/Facts";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";

/** A program on another machine asks to act as the person: they compare the code, and say yes or no. */
export function DevicePage() {
  useTitle("Connect a device");
  const { user_code = "" } = useSearch({ from: "/gate/device" });
  const code = userCode(user_code);
  return isWholeUserCode(code) ? <Question key={code} code={code} /> : <Entry />;
}

function Entry({ problem }: { problem?: string }) {
  const navigate = useNavigate();
  const [code, setCode] = useState("");
  const [judged, setJudged] = useState(false);
  const wrong = judged && !isWholeUserCode(code) ? "Eight characters, as the device shows them." : problem;

  function submit(event: FormEvent) {
    event.preventDefault();
    setJudged(true);
    if (isWholeUserCode(code)) void navigate(paths.device(code));
  }
  return (
    <>
      <GateHeading title="Connect a device">
        Type the code that the command line, or whatever asked for it, shows.
      </GateHeading>
      <form className={css.form} onSubmit={submit}>
        <TextField
          label="Code"
          name="user_code"
          placeholder="XXXX-XXXX"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          autoFocus
          mono
          className={css.userCode}
          value={code}
          onValueChange={(typed) => {
            setCode(userCode(typed));
            setJudged(false);
          }}
          problem={wrong}
        />
        <Button type="submit" look="primary" className={css.submit}>
          Continue
        </Button>
      </form>
    </>
  );
}

function Question({ code }: { code: string }) {
  const query = useQuery(authQueries.deviceRequest(code));
  const { data: me } = useSuspenseQuery(authQueries.me());
  const answer = useAnswerDevice(code);

  if (answer.isSuccess) return <Answered approved={answer.variables} />;
  if (query.error instanceof ApiProblem && [404, 410, 422].includes(query.error.status))
    return <Entry problem={`No device waits with the code ${code}. It may be too old: begin anew there.`} />;
  return (
    <Loaded query={query} page waiting={<Skeleton shape="title" />}>
      {(request) => (
        <>
          <GateHeading title="Let this device in?">
            It will act as <strong>{me.username}</strong>, and do what you may do.
          </GateHeading>
          <div className={css.stack}>
            <p className={css.shownCode}>
              <code>{code}</code>
            </p>
            <div className={css.facts}>
              <Facts
                facts={[
                  ["Program", request.client_name || "does not say"],
                  ["Address", request.address],
                  ["Asked", <RelativeTime key="asked" at={request.created_at} />],
                ]}
              />
            </div>
            <Notice tone="warn">
              Only if you began this yourself, and the device shows this very code. Somebody who sent you the
              code wants your account.
            </Notice>
            <Refused title="Not answered" error={answer.error} />
            <div className={css.pair}>
              <Button
                className={css.submit}
                busy={answer.isPending && !answer.variables}
                onClick={() => answer.mutate(false)}
              >
                Deny
              </Button>
              <Button
                look="primary"
                className={css.submit}
                busy={answer.isPending && answer.variables}
                onClick={() => answer.mutate(true)}
              >
                Approve
              </Button>
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

function Answered({ approved }: { approved: boolean }) {
  return (
    <div role="status">
      {approved ? (
        <GateHeading title="The device is connected">
          Go back to it: it continues by itself. You can close this window, and end its access at any time
          under Account, API tokens.
        </GateHeading>
      ) : (
        <GateHeading title="The device was turned away">
          Nothing was given to it. You can close this window.
        </GateHeading>
      )}
    </div>
  );
}
