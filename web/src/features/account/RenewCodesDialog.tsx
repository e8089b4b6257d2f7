import { useState } from "react";
import { useRenewRecoveryCodes } from "~/api/me";
import { Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { noProof, ProofFields } from "./ProofFields";
import { RecoveryCodesDialog } from "./RecoveryCodesDialog";

export function RenewCodesDialog({ onClose }: { onClose(): void }) {
  const renew = useRenewRecoveryCodes();
  const [proof, setProof] = useState(noProof);
  if (renew.data) return <RecoveryCodesDialog codes={renew.data.recovery_codes} onDone={onClose} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make new recovery codes?"
      onSubmit={() => renew.mutate(proof)}
      confirm={
        <Button type="submit" look="primary" busy={renew.isPending}>
          Make new codes
        </Button>
      }
    >
      <p>Those you have stop working.</p>
      <Refused title="Not made" error={renew.error} fields={["password", "code"]} />
      <ProofFields proof={proof} onChange={setProof} error={renew.error} />
    </Dialog>
  );
}
