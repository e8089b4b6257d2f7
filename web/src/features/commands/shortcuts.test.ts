import { describe, expect, it } from "vitest";
import { isMac, keyCaps, makeListener, type Press, shortcuts, takesLetters } from "./shortcuts";

function press(key: string, more: Partial<Press> = {}): Press {
  return { key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, typing: false, ...more };
}

/** What the last of these presses brings about, 100 ms after one another. */
function afterwards(presses: (string | Press)[], mac = false) {
  const listen = makeListener(mac);
  return presses.map((each, n) => listen(typeof each === "string" ? press(each) : each, n * 100)).at(-1);
}

describe("the table of shortcuts", () => {
  it("has no sequence that hides another", () => {
    const all = shortcuts.map(({ keys }) => keys.join(" "));
    for (const one of all)
      expect(all.filter((other) => other === one || other.startsWith(`${one} `))).toEqual([one]);
  });

  it("is all within reach of the keyboard", () => {
    for (const { id, keys } of shortcuts) {
      const presses = keys.map((key) =>
        key.startsWith("Mod+") ? press(key.slice(4).toLowerCase(), { ctrlKey: true }) : press(key),
      );
      expect(afterwards(presses)).toBe(id);
    }
  });
});

describe("the listener", () => {
  it("knows a key, and two in a row", () => {
    expect(afterwards(["n"])).toBe("newWorkspace");
    expect(afterwards(["g"])).toBeUndefined();
    expect(afterwards(["g", "w"])).toBe("workspaces");
    expect(afterwards(["G", "W"])).toBe("workspaces");
  });

  it("begins anew where a sequence leads nowhere", () => {
    expect(afterwards(["g", "x"])).toBeUndefined();
    expect(afterwards(["g", "x", "w"])).toBeUndefined();
    expect(afterwards(["g", "n"])).toBe("newWorkspace");
    expect(afterwards(["g", "g", "w"])).toBe("workspaces");
  });

  it("waits for the second key, not for ever", () => {
    const listen = makeListener(false);
    listen(press("g"), 0);
    expect(listen(press("w"), 5000)).toBeUndefined();
  });

  it("leaves letters to fields, and what is held with another key to the browser", () => {
    expect(afterwards([press("n", { typing: true })])).toBeUndefined();
    expect(afterwards([press("n", { ctrlKey: true })])).toBeUndefined();
    expect(afterwards([press("n", { metaKey: true })])).toBeUndefined();
    expect(afterwards([press("n", { altKey: true })])).toBeUndefined();
    expect(afterwards([press("n", { repeat: true })])).toBeUndefined();
    expect(afterwards(["g", press("Shift"), "w"])).toBe("workspaces");
  });

  it("opens the palette from a field too, with the key of the system", () => {
    expect(afterwards([press("k", { ctrlKey: true, typing: true })])).toBe("palette");
    expect(afterwards([press("k", { metaKey: true, typing: true })], true)).toBe("palette");
    expect(afterwards([press("k", { ctrlKey: true, typing: true })], true)).toBeUndefined();
    expect(afterwards([press("k", { ctrlKey: true, altKey: true })])).toBeUndefined();
  });
});

describe("what a person is told", () => {
  it("names the keys of their system", () => {
    expect(keyCaps("palette", false)).toEqual(["Ctrl", "K"]);
    expect(keyCaps("palette", true)).toEqual(["⌘", "K"]);
    expect(keyCaps("workspaces", true)).toEqual(["g", "w"]);
    expect([isMac("MacIntel"), isMac("iPad"), isMac("Linux x86_64")]).toEqual([true, true, false]);
  });
});

describe("takesLetters", () => {
  it("is true where letters are text, or choose from a menu", () => {
    document.body.innerHTML =
      '<input><button>b</button><p contenteditable="true"><b>x</b></p><p contenteditable="false"><i>x</i></p><div role="menu"><a>x</a></div>';
    const taken = (selector: string) => takesLetters(document.querySelector(selector));
    expect(["input", "b", "[role=menu] a", "button", "i"].map(taken)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(takesLetters(null)).toBe(false);
  });
});
