import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const here = "gallery/";
const blocks = "src/ui/";

/** What only holds others and shows nothing. */
const frames = ["UiProvider"];

it("shows every building block", () => {
  const shown = readdirSync(here)
    .filter((file) => file.endsWith(".tsx"))
    .map((file) => readFileSync(here + file, "utf8"))
    .join("\n");
  const missing = readdirSync(blocks)
    .filter((file) => /^[A-Z]\w*\.tsx$/.test(file))
    .map((file) => file.replace(".tsx", ""))
    .filter((name) => !frames.includes(name) && !shown.includes(`from "~/ui/${name}"`));
  expect(missing).toEqual([]);
});
