import css from "./Meter.module.css";

interface MeterProps {
  label: string;
  used: number;
  /** Null: there is no limit, and nothing to fill. */
  limit: number | null;
  format?(amount: number): string;
}

const NEARLY = 0.85;

/** How much of something is used, drawn and said. */
export function Meter({ label, used, limit, format = String }: MeterProps) {
  const share = limit === null ? 0 : limit === 0 ? 1 : Math.min(used / limit, 1);
  const full = limit !== null && used >= limit;
  const tone = full ? "fail" : share >= NEARLY ? "warn" : "run";
  const said = limit === null ? `${format(used)}, no limit` : `${format(used)} of ${format(limit)}`;
  return (
    <div className={css.meter} data-tone={tone}>
      <div className={css.words}>
        <span className={css.label}>{label}</span>
        <span className={css.reading}>
          <strong>{format(used)}</strong> {limit === null ? "no limit" : `of ${format(limit)}`}
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: no two browsers draw a <meter> alike */}
      <div
        className={css.bar}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit ?? Math.max(used, 1)}
        aria-valuenow={Math.min(used, limit ?? used)}
        aria-valuetext={said}
      >
        <svg className={css.drawing} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect className={css.fill} width={share * 100} height="1" />
        </svg>
      </div>
      {tone !== "run" && <p className={css.verdict}>{full ? "Nothing is left." : "Nearly all is used."}</p>}
    </div>
  );
}
