import { useNow } from "~/hooks/useNow";
import { exactTime, relativeTime } from "./format";
import { Tooltip } from "./Tooltip";

/** "5 minutes ago", with the exact time on hover, focus and for programs. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <Tooltip text={exactTime(at)}>
      <time dateTime={at}>{relativeTime(at, Math.max(now, Date.now()))}</time>
    </Tooltip>
  );
}
