import { useState } from "react";
import { useSetQuota } from "~/api/orgs";
import type { Usage } from "~/api/types";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";
import form from "~/ui/Form.module.css";
import { draftOfUsage, limitProblem, measures, quotaOf } from "./quota";

interface QuotaDialogProps {
  org: { slug: string; name: string };
  usage: Usage;
  onClose(): void;
}

export function QuotaDialog({ org, usage, onClose }: QuotaDialogProps) {
  const set = useSetQuota(org.slug);
  const [draft, setDraft] = useState(() => draftOfUsage(usage));
  const quota = quotaOf(draft);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Quota of ${org.name}`}
      onSubmit={() => quota && set.mutate(quota, { onSuccess: onClose })}
      confirm={
        <Button
          type="submit"
          look="primary"
          busy={set.isPending}
          refusal={quota ? undefined : "Something above is not a number."}
        >
          Save
        </Button>
      }
    >
      <p>
        Leave a field empty for no limit. A limit below what is used takes nothing away; it stops what is new.
      </p>
      <Refused title="Not saved" error={set.error} fields={measures.map(({ name }) => name)} />
      <div className={form.row}>
        {measures.map(({ name, label, unit, size, format }) => (
          <TextField
            key={name}
            label={unit ? `${label}, ${unit}` : label}
            name={name}
            inputMode="decimal"
            autoComplete="off"
            placeholder="no limit"
            hint={`${format(usage[name].used)} used`}
            value={draft[name]}
            onValueChange={(text) => setDraft({ ...draft, [name]: text })}
            problem={limitProblem(draft[name], size === 1) ?? fieldProblem(set.error, name)}
          />
        ))}
      </div>
    </Dialog>
  );
}
