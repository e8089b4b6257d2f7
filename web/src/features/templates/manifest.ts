import { type Document, isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { FieldError, Manifest } from "~/api/types";

/** A problem placed in the text the person wrote. */
export interface PlacedProblem {
  line: number;
  pointer: string;
  message: string;
}

export type ReadManifest =
  | { ok: true; manifest: Manifest; place(problems: readonly FieldError[]): PlacedProblem[] }
  | { ok: false; problems: PlacedProblem[] };

/** Reads a manifest in YAML or JSON (which is YAML too), remembering where everything stands. */
export function readManifest(text: string): ReadManifest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) => ({
        line: lineAt(error.pos[0]),
        pointer: "",
        message: error.message,
      })),
    };
  }
  if (!isMap(document.contents)) {
    const message = "A manifest is a mapping of names to values, such as appName and components.";
    return { ok: false, problems: [{ line: 1, pointer: "", message }] };
  }
  return {
    ok: true,
    manifest: document.toJS({ maxAliasCount: 20 }),
    place: (problems) =>
      problems.map(({ field, message }) => ({
        line: lineAt(offsetOf(document, field)),
        pointer: field,
        // The server counts lines in what it was sent; here the lines are those on screen.
        message: message.replace(/^line \d+(, column \d+)?: /i, ""),
      })),
  };
}

/** Where the value at a JSON pointer begins; where it is missing, its nearest parent. */
function offsetOf(document: Document, pointer: string): number {
  const path = pointer.split("/").slice(1).map(unescapeToken);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function unescapeToken(token: string): string | number {
  if (/^\d+$/.test(token)) return Number(token);
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}
