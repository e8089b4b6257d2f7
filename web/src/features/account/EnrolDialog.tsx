import { useState } from "react";
import { useBeginTotp, useConfirmTotp } from "~/api/me";
import type { TotpEnrolment } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { CodeField } from "~/ui/CodeField";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { PasswordField } from "~/ui/PasswordField";
import css from "./EnrolDialog.module.css";
import { RecoveryCodesDialog } from "./RecoveryCodesDialog";

/** Three steps: it is you; your app knows the secret; you have kept the codes for its loss. */
export function EnrolDialog({ onClose }: { onClose(): void }) {
  const begin = useBeginTotp();
  const [password, setPassword] = useState("");
  if (begin.data) return <ScanDialog enrolment={begin.data} onClose={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Turn on the second factor"
      onSubmit={() => begin.mutate(password)}
      confirm={
        <Button type="submit" look="primary" busy={begin.isPending}>
          Continue
        </Button>
      }
    >
      <p>First your password, so that nobody does this at a computer you left open.</p>
      <Refused title="Not begun" error={begin.error} fields={["password"]} />
      <PasswordField
        autoComplete="current-password"
        autoFocus
        value={password}
        onValueChange={setPassword}
        problem={fieldProblem(begin.error, "password")}
      />
    </Dialog>
  );
}

function ScanDialog({ enrolment, onClose }: { enrolment: TotpEnrolment; onClose(): void }) {
  const confirm = useConfirmTotp();
  const [code, setCode] = useState("");
  if (confirm.data) return <RecoveryCodesDialog codes={confirm.data.recovery_codes} onDone={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Show this to your authenticator app"
      onSubmit={() => !confirm.isPending && confirm.mutate(code)}
      confirm={
        <Button type="submit" look="primary" busy={confirm.isPending}>
          Turn on
        </Button>
      }
    >
      <div className={css.scan}>
        <img
          className={css.qr}
          src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
          alt="QR code for your authenticator app; the secret stands beside it as text"
          width={176}
          height={176}
        />
        <div className={css.words}>
          <p>
            Scan it, or open <a href={enrolment.otpauth_url}>the link</a> on the device that has the app, or
            type the secret.
          </p>
          <CopyField label="Secret" text={enrolment.secret} />
        </div>
      </div>
      <Refused title="Not turned on" error={confirm.error} fields={["code"]} />
      <CodeField
        label="The six digits it shows now"
        autoFocus
        value={code}
        onValueChange={setCode}
        onComplete={(digits) => confirm.mutate(digits)}
        problem={fieldProblem(confirm.error, "code")}
      />
    </Dialog>
  );
}
