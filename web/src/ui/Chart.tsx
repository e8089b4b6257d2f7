import { useId } from "react";
import css from "./Chart.module.css";

interface ChartProps {
  label: string;
  /** What is said beside the drawing: the newest value, in words. */
  reading: string;
  values: readonly (number | null)[];
  /** How many values fit across; fewer leave room at the left. */
  span: number;
  /** The top of the scale; by default the greatest value, rounded up. */
  ceiling?: number;
  tone?: "run" | "move" | "warn";
}

const WIDTH = 300;
const HEIGHT = 72;

/** A line over time, newest at the right. The drawing is for the eye; the reading says it in words. */
export function Chart({ label, reading, values, span, ceiling, tone = "run" }: ChartProps) {
  const gradient = useId();
  const top = ceiling ?? niceCeiling(Math.max(1, ...values.map((value) => value ?? 0)));
  const points = values.flatMap((value, index) => {
    if (value === null) return [];
    const x = WIDTH - ((values.length - 1 - index) * WIDTH) / (span - 1);
    return [[x, HEIGHT - 2 - (Math.min(value, top) / top) * (HEIGHT - 6)] as const];
  });
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const first = points[0];
  return (
    <figure className={css.chart} data-tone={tone}>
      <figcaption className={css.caption}>
        <span className={css.label}>{label}</span>
        <span className={css.reading}>{reading}</span>
      </figcaption>
      <svg
        className={css.plot}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <defs>
          <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" className={css.high} />
            <stop offset="1" className={css.low} />
          </linearGradient>
        </defs>
        <path className={css.grid} d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
        {first && (
          <>
            <polygon points={`${first[0]},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill={`url(#${gradient})`} />
            <polyline className={css.line} points={line} />
          </>
        )}
      </svg>
    </figure>
  );
}

/** 1, 2 or 5 times a power of ten: a scale that does not twitch with each value. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((candidate) => value <= candidate * power) ?? 10;
  return step * power;
}
