import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { orgQueries } from "~/api/orgs";
import { Loaded } from "~/features/Loaded";
import { QuotaDialog } from "~/features/orgs/QuotaDialog";
import { UsageMeters } from "~/features/orgs/UsageMeters";
import { forbidden } from "~/features/policy";
import { useOrg } from "~/hooks/useOrg";
import { useTitle } from "~/hooks/useTitle";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";

export function UsageTab() {
  const { org, who } = useOrg();
  useTitle(`Usage of ${org.name}`);
  const query = useQuery(orgQueries.usage(org.slug));
  const [editing, setEditing] = useState(false);
  return (
    <Section
      title="Usage"
      note="Against what the organization may use"
      actions={
        <Button
          size="s"
          refusal={forbidden("writeQuota", who) ?? (query.data ? undefined : "Not loaded yet.")}
          onClick={() => setEditing(true)}
        >
          Change quota
        </Button>
      }
    >
      <Loaded query={query}>
        {(usage) => (
          <>
            <UsageMeters usage={usage} />
            {editing && <QuotaDialog org={org} usage={usage} onClose={() => setEditing(false)} />}
          </>
        )}
      </Loaded>
    </Section>
  );
}
