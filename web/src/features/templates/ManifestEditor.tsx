import { CircleAlert } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import css from "./ManifestEditor.module.css";
import type { PlacedProblem } from "./manifest";

interface ManifestEditorProps {
  text: string;
  onChange(text: string): void;
  problems: readonly PlacedProblem[];
}

/** A text with numbered lines; those with a problem are marked, and the list below leads to them. */
export function ManifestEditor({ text, onChange, problems }: ManifestEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split("\n");
  const troubled = new Set(problems.map((problem) => problem.line));

  function goTo(line: number) {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // Tab leaves the editor, as everywhere; indenting is what a new line does by itself.
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    const lineStart = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const indent = /^[ ]*/.exec(value.slice(lineStart, selectionStart))?.[0] ?? "";
    if (!indent) return;
    event.preventDefault();
    onChange(`${value.slice(0, selectionStart)}\n${indent}${value.slice(selectionEnd)}`);
    const caret = selectionStart + 1 + indent.length;
    requestAnimationFrame(() => area.current?.setSelectionRange(caret, caret));
  }

  return (
    <>
      <div className={css.editor}>
        <div className={css.sheet}>
          <ol className={css.gutter} aria-hidden="true">
            {lines.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
              <li key={index} className={css.number} data-wrong={troubled.has(index + 1) || undefined}>
                {index + 1}
              </li>
            ))}
          </ol>
          <textarea
            ref={area}
            className={css.text}
            aria-label="Manifest"
            aria-invalid={problems.length > 0}
            aria-describedby="manifest-problems"
            spellCheck={false}
            autoCapitalize="none"
            autoCorrect="off"
            wrap="off"
            rows={Math.max(lines.length, 18)}
            value={text}
            onChange={(event) => onChange(event.target.value)}
            onKeyDown={onKeyDown}
          />
        </div>
      </div>
      <div id="manifest-problems" aria-live="polite">
        {problems.length > 0 && (
          <ul className={css.problems} aria-label="Problems">
            {problems.map((problem) => (
              <li key={`${problem.line} ${problem.pointer} ${problem.message}`}>
                <button type="button" className={css.problem} onClick={() => goTo(problem.line)}>
                  <CircleAlert className={css.icon} aria-hidden />
                  <span className={css.line}>Line {problem.line}</span>
                  <span className={css.message}>
                    {problem.message}
                    {problem.pointer && <code className={css.pointer}>{problem.pointer}</code>}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
