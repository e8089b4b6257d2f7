import { Ban, Check, CircleDashed, LoaderCircle, Minus, X } from "lucide-react";
import type { Deployment, DeploymentStep } from "~/api/types";
import { useNow } from "~/hooks/useNow";
import { duration } from "~/ui/format";
import css from "./StepTimeline.module.css";
import { stepStatusWords, stepWords } from "./words";

const icons = {
  pending: CircleDashed,
  running: LoaderCircle,
  succeeded: Check,
  failed: X,
  skipped: Minus,
  canceled: Ban,
} as const;

/** Each step with its time, drawn where it lies within the whole. */
export function StepTimeline({ deployment }: { deployment: Deployment }) {
  return deployment.finished_at ? (
    <Timeline deployment={deployment} until={Date.parse(deployment.finished_at)} />
  ) : (
    <RunningTimeline deployment={deployment} />
  );
}

function RunningTimeline({ deployment }: { deployment: Deployment }) {
  const now = useNow(100);
  return <Timeline deployment={deployment} until={now} />;
}

function Timeline({ deployment, until }: { deployment: Deployment; until: number }) {
  const from = Date.parse(
    deployment.steps.find((step) => step.started_at)?.started_at ?? deployment.created_at,
  );
  const whole = Math.max(until - from, 1);
  return (
    <ol className={css.steps}>
      {deployment.steps.map((step) => (
        <Step key={`${step.name} ${step.component}`} step={step} from={from} whole={whole} until={until} />
      ))}
    </ol>
  );
}

interface StepProps {
  step: DeploymentStep;
  from: number;
  whole: number;
  until: number;
}

function Step({ step, from, whole, until }: StepProps) {
  const Icon = icons[step.status];
  const start = step.started_at ? Date.parse(step.started_at) : null;
  const end = step.finished_at ? Date.parse(step.finished_at) : Math.max(until, start ?? 0);
  return (
    <li
      className={css.step}
      data-status={step.status}
      aria-current={step.status === "running" ? "step" : undefined}
    >
      <Icon className={css.icon} aria-hidden />
      <span className={css.name}>
        {stepWords[step.name]}
        {step.component && <code className={css.component}>{step.component}</code>}
        {step.detail && <span className={css.detail}>{step.detail}</span>}
      </span>
      <span className={css.track} aria-hidden="true">
        {start !== null && (
          <span
            className={css.bar}
            style={{
              left: `${clamp((start - from) / whole)}%`,
              width: `${clamp((end - start) / whole)}%`,
            }}
          />
        )}
      </span>
      <span className={css.time}>
        {start === null ? stepStatusWords[step.status] : duration(end - start)}
        {start !== null && <span className={css.unseen}>, {stepStatusWords[step.status]}</span>}
      </span>
    </li>
  );
}

function clamp(share: number): number {
  return Math.min(Math.max(share, 0), 1) * 100;
}
