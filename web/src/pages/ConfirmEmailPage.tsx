import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useConfirmEmail } from "~/api/auth";
import { DeadLink } from "~/features/auth/DeadLink";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { dropLinkToken, linkToken } from "~/features/auth/linkToken";
import { fieldProblem, Refused } from "~/features/Refused";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";

const PAGE = "/confirm-email";

/** A press of a button confirms, not the opening of the link: machines that look into mail open links. */
export function ConfirmEmailPage() {
  useTitle("Confirm address");
  const [token] = useState(() => linkToken(PAGE));
  const confirm = useConfirmEmail();
  if (confirm.isSuccess) {
    return (
      <>
        <GateHeading title="The address is confirmed">From now on it is the one of your account.</GateHeading>
        <div className={css.stack}>
          <Button look="primary" className={css.submit} render={<Link {...paths.account()} />}>
            Go to your account
          </Button>
        </div>
      </>
    );
  }
  if (!token || fieldProblem(confirm.error, "token")) {
    return (
      <DeadLink>
        Change the address again under <Link {...paths.account()}>Account</Link>.
      </DeadLink>
    );
  }
  return (
    <>
      <GateHeading title="Confirm your address">
        The mailbox that this link came to becomes the one of your account.
      </GateHeading>
      <div className={css.stack}>
        <Refused title="Not confirmed" error={confirm.error} />
        <Button
          look="primary"
          className={css.submit}
          busy={confirm.isPending}
          onClick={() => confirm.mutate(token, { onSuccess: () => dropLinkToken(PAGE) })}
        >
          Confirm this address
        </Button>
      </div>
    </>
  );
}
