import { beforeEach, describe, expect, it } from "vitest";
import { strictStyles } from "./strictStyles";

describe("styles under a strict policy", () => {
  beforeEach(() => {
    document.adoptedStyleSheets = [];
  });

  it("become sheets that the document adopts, and go again", () => {
    const styles = strictStyles(document);
    const one = styles.document.createElement("style");
    const two = styles.document.createElement("style");
    expect([one, two].map(({ tagName }) => tagName)).toEqual(["SPAN", "SPAN"]);
    one.textContent = ".a { color: red; }";
    expect(document.adoptedStyleSheets).toHaveLength(2);
    expect(document.adoptedStyleSheets[0]?.cssRules).toHaveLength(1);
    expect(one.childNodes).toHaveLength(0);
    one.remove();
    expect(document.adoptedStyleSheets).toHaveLength(1);
    styles.dispose();
    expect(document.adoptedStyleSheets).toHaveLength(0);
  });

  it("leave the document as it was", () => {
    const styles = strictStyles(document);
    const parent = document.createElement("div");
    const made: string[] = [];
    const terminal = { open: () => made.push(document.createElement("style").tagName) };
    styles.open(terminal as never, parent);
    expect(made).toEqual(["SPAN"]);
    expect(document.createElement("style").tagName).toBe("STYLE");
    expect(Object.hasOwn(document, "createElement")).toBe(false);
    // xterm.js takes nothing else for a document.
    expect(Object.getPrototypeOf(styles.document) === Object.getPrototypeOf(document)).toBe(true);
    styles.dispose();
  });
});
