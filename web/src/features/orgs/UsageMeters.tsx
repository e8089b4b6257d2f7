import type { Usage } from "~/api/types";
import { Meter } from "~/ui/Meter";
import { measures } from "./quota";
import css from "./UsageMeters.module.css";

export function UsageMeters({ usage }: { usage: Usage }) {
  return (
    <div className={css.meters}>
      {measures.map(({ name, label, format }) => (
        <Meter key={name} label={label} {...usage[name]} format={format} />
      ))}
    </div>
  );
}
