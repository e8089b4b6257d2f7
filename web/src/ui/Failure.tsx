import { RotateCw } from "lucide-react";
import { Button } from "./Button";
import { CopyButton } from "./CopyButton";
import { Empty } from "./Empty";
import css from "./Failure.module.css";

interface FailureProps {
  title: string;
  detail: string;
  requestId?: string | null;
  onRetry?(): void;
  page?: boolean;
}

/** In place of what could not be shown: what happened, a way to try again, and a number to quote. */
export function Failure({ title, detail, requestId, onRetry, page = false }: FailureProps) {
  return (
    <div role="alert">
      <Empty
        tone="fail"
        page={page}
        title={title}
        action={
          onRetry && (
            <Button icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        <p>{detail}</p>
        {requestId && (
          <p className={css.request}>
            Request <code>{requestId}</code>
            <CopyButton text={requestId} label="Copy request id" />
          </p>
        )}
      </Empty>
    </div>
  );
}
