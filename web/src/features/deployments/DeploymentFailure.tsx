import type { Deployment } from "~/api/types";
import { Notice } from "~/ui/Notice";
import css from "./DeploymentFailure.module.css";
import { stepWords } from "./words";

/** Where it failed, why, what to do, and the last words before. */
export function DeploymentFailure({ error }: { error: NonNullable<Deployment["error"]> }) {
  const step = error.step && (stepWords[error.step as keyof typeof stepWords] ?? error.step);
  const place = [step, error.component].filter(Boolean).join(" · ");
  return (
    <Notice tone="fail" title={error.message}>
      {place && <p className={css.place}>{place}</p>}
      {error.remedy && <p>{error.remedy}</p>}
      {error.log_tail.length > 0 && <pre className={css.tail}>{error.log_tail.join("\n")}</pre>}
    </Notice>
  );
}
