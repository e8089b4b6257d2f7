import { Check, Copy, Download } from "lucide-react";
import { useState } from "react";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Dialog } from "~/ui/Dialog";
import { saveFile } from "~/ui/saveFile";
import css from "./RecoveryCodesDialog.module.css";

/** Shown once, so it goes only when the person says that they have kept them. */
export function RecoveryCodesDialog({ codes, onDone }: { codes: readonly string[]; onDone(): void }) {
  const [kept, setKept] = useState(false);
  const [copied, setCopied] = useState(false);
  const text = codes.join("\n");
  return (
    <Dialog
      open
      // Escape would lose them.
      onClose={() => kept && onDone()}
      cancel={null}
      title="Keep these recovery codes"
      onSubmit={onDone}
      confirm={
        <Button
          type="submit"
          look="primary"
          refusal={kept ? undefined : "They are not shown again. Say first that you have kept them."}
        >
          Done
        </Button>
      }
    >
      <p>Each of them signs you in once without your authenticator. They are not shown again.</p>
      <ul className={css.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={css.ways}>
        <Button
          icon={copied ? Check : Copy}
          onClick={async () => {
            await navigator.clipboard.writeText(text);
            setCopied(true);
          }}
        >
          {copied ? "Copied" : "Copy all"}
        </Button>
        <Button
          icon={Download}
          onClick={() =>
            saveFile("devsanctum-recovery-codes.txt", new Blob([`${text}\n`], { type: "text/plain" }))
          }
        >
          Download
        </Button>
      </div>
      <Checkbox checked={kept} onChange={setKept}>
        I have kept them in a safe place
      </Checkbox>
    </Dialog>
  );
}
