import type { Sample } from "~/hooks/statistics";
import { KEPT_SAMPLES } from "~/hooks/useStats";
import { Chart } from "~/ui/Chart";
import { bytes, cores } from "~/ui/format";
import css from "./ComponentCharts.module.css";

export function ComponentCharts({ samples }: { samples: readonly Sample[] }) {
  const last = samples.at(-1);
  const limit = last?.memoryLimit;
  const memory = last && `${bytes(last.memoryBytes)}${limit ? ` of ${bytes(limit)}` : ""}`;
  const traffic =
    last?.received != null && last.sent != null && `${bytes(last.received)}/s in, ${bytes(last.sent)}/s out`;
  return (
    <div className={css.charts}>
      <Chart
        label="CPU"
        reading={last ? cores(last.cpuMillis) : "waiting"}
        values={samples.map((sample) => sample.cpuMillis)}
        span={KEPT_SAMPLES}
      />
      <Chart
        label="Memory"
        tone="move"
        reading={memory || "waiting"}
        values={samples.map((sample) => sample.memoryBytes)}
        span={KEPT_SAMPLES}
        {...(limit && { ceiling: limit })}
      />
      <Chart
        label="Network"
        tone="warn"
        reading={traffic || "waiting"}
        values={samples.map(({ received, sent }) =>
          received === null || sent === null ? null : received + sent,
        )}
        span={KEPT_SAMPLES}
      />
    </div>
  );
}
