import { ArrowDownToLine, Search } from "lucide-react";
import { memo, useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from "react";
import { classes } from "./classes";
import { clockTime } from "./format";
import css from "./LogView.module.css";

export interface LogLine {
  key: number;
  time: string | null;
  source: string | null;
  alarming: boolean;
  text: string;
}

interface LogViewProps {
  label: string;
  lines: readonly LogLine[];
  /** In place of lines while there are none. */
  silence: string;
  tall?: boolean;
}

/** Lines as they come. Follows the end until the reader scrolls away, and again on request. */
export function LogView({ label, lines, silence, tall }: LogViewProps) {
  const [needle, setNeedle] = useState("");
  const [following, setFollowing] = useState(true);
  const well = useRef<HTMLDivElement>(null);
  const wanted = useDeferredValue(needle.trim().toLowerCase());
  const shown = useMemo(
    () => (wanted ? lines.filter((line) => line.text.toLowerCase().includes(wanted)) : lines),
    [lines, wanted],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the lines moves the end
  useLayoutEffect(() => {
    if (following && well.current) well.current.scrollTop = well.current.scrollHeight;
  }, [shown, following]);

  function onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = well.current as HTMLDivElement;
    setFollowing(scrollHeight - scrollTop - clientHeight < 24);
  }

  return (
    <div className={classes(css.frame, tall && css.tall)}>
      <div className={css.bar}>
        <Search className={css.icon} aria-hidden />
        <input
          type="search"
          className={css.search}
          aria-label={`Search in ${label}`}
          placeholder="Search"
          value={needle}
          onChange={(event) => setNeedle(event.target.value)}
        />
        <span className={css.count}>
          {wanted ? `${shown.length} of ${lines.length}` : lines.length}{" "}
          {lines.length === 1 ? "line" : "lines"}
        </span>
        <button
          type="button"
          className={css.follow}
          aria-pressed={following}
          onClick={() => setFollowing(!following)}
        >
          <ArrowDownToLine aria-hidden /> Follow
        </button>
      </div>
      <div
        ref={well}
        className={css.well}
        role="log"
        aria-label={label}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {shown.length === 0 && <p className={css.silence}>{wanted ? "No line matches." : silence}</p>}
        {shown.map((line) => (
          <Line key={line.key} line={line} />
        ))}
      </div>
    </div>
  );
}

/** Drawn once: a line never changes, however many follow it. */
const Line = memo(function Line({ line }: { line: LogLine }) {
  return (
    <p className={classes(css.line, line.alarming && css.alarming)}>
      {line.time && (
        <time className={css.time} dateTime={line.time}>
          {clockTime(line.time)}
        </time>
      )}
      {line.source && <span className={css.source}>{line.source}</span>}
      <span className={css.text}>{line.text}</span>
    </p>
  );
});
