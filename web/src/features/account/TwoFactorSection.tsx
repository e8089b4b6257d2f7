import { useState } from "react";
import type { Me } from "~/api/types";
import { ActionRow } from "~/ui/ActionRow";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";
import { Status } from "~/ui/Status";
import { passwordNeeded } from "./EmailSection";
import { EndTwoFactorDialog } from "./EndTwoFactorDialog";
import { EnrolDialog } from "./EnrolDialog";
import { RenewCodesDialog } from "./RenewCodesDialog";

/** Below this, new codes should be made before the last one is needed. */
const FEW_CODES = 3;

export function TwoFactorSection({ me }: { me: Me }) {
  const [asking, setAsking] = useState<"enrol" | "renew" | "end" | null>(null);
  const close = () => setAsking(null);
  return (
    <Section
      title="Second factor"
      note={me.totp_enabled ? <Status tone="run" label="On" /> : <Status tone="rest" label="Off" />}
    >
      {me.totp_enabled ? (
        <>
          <ActionRow
            title="Recovery codes"
            action={<Button onClick={() => setAsking("renew")}>Make new codes</Button>}
          >
            {me.recovery_codes_left} of 10 are left, for the day you lose your authenticator.
            {me.recovery_codes_left <= FEW_CODES && " Make new ones before they run out."}
          </ActionRow>
          <ActionRow
            title="Authenticator app"
            action={<Button onClick={() => setAsking("end")}>Turn off</Button>}
          >
            A code from it is asked for at every sign-in.
          </ActionRow>
        </>
      ) : (
        <ActionRow
          title="Protect your account with an authenticator app"
          action={
            <Button look="primary" refusal={passwordNeeded(me)} onClick={() => setAsking("enrol")}>
              Turn on
            </Button>
          }
        >
          Besides the password, signing in asks for six digits that only your phone or password manager knows.
        </ActionRow>
      )}
      {asking === "enrol" && <EnrolDialog onClose={close} />}
      {asking === "renew" && <RenewCodesDialog onClose={close} />}
      {asking === "end" && <EndTwoFactorDialog onClose={close} />}
    </Section>
  );
}
