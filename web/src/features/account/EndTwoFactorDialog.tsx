import { useState } from "react";
import { useEndTotp } from "~/api/me";
import { Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { useToast } from "~/ui/Toasts";
import { noProof, ProofFields } from "./ProofFields";

export function EndTwoFactorDialog({ onClose }: { onClose(): void }) {
  const end = useEndTotp();
  const toast = useToast();
  const [proof, setProof] = useState(noProof);

  function submit() {
    end.mutate(proof, {
      onSuccess() {
        toast.say("The second factor is off");
        onClose();
      },
    });
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Turn off the second factor?"
      onSubmit={submit}
      confirm={
        <Button type="submit" look="danger" busy={end.isPending}>
          Turn off
        </Button>
      }
    >
      <p>From then on your password alone lets anybody in who knows it. The recovery codes stop working.</p>
      <Refused title="Still on" error={end.error} fields={["password", "code"]} />
      <ProofFields proof={proof} onChange={setProof} error={end.error} />
    </Dialog>
  );
}
