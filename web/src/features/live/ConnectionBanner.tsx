import { useEffect, useState } from "react";
import type { StreamState } from "~/api/stream";
import { Notice } from "~/ui/Notice";
import css from "./ConnectionBanner.module.css";

/** A short break is nobody's concern; only one that lasts is worth words. */
const PATIENCE_MS = 2500;

export function ConnectionBanner({ state }: { state: StreamState }) {
  const broken = state === "retrying" || state === "ended";
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!broken) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [broken]);
  return (
    <div className={css.place} role="status">
      {lasting && (
        <Notice tone="warn" title="Live updates are interrupted">
          {state === "ended"
            ? "The server ended the live connection. What you see may be out of date; reload to continue."
            : "What you see may be out of date. Reconnecting by itself."}
        </Notice>
      )}
    </div>
  );
}
