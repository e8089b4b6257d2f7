import { useQuery } from "@tanstack/react-query";
import { orgQueries } from "~/api/orgs";
import { Meter } from "~/ui/Meter";
import { Section } from "~/ui/Section";
import css from "./QuotaLeft.module.css";
import { measures } from "./quota";

/** How near an organization is to its limits; nothing where it has none. */
export function QuotaLeft({ org }: { org: string }) {
  const { data: usage } = useQuery({ ...orgQueries.usage(org), staleTime: 0 });
  if (!usage) return null;
  const limited = measures.filter(({ name }) => usage[name].limit !== null);
  if (limited.length === 0) return null;
  return (
    <Section title="Quota" note="Of the organization">
      <div className={css.meters}>
        {limited.map(({ name, label, format }) => (
          <Meter key={name} label={label} {...usage[name]} format={format} />
        ))}
      </div>
    </Section>
  );
}
