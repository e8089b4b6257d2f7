// Each mutation is a bug somebody could make: in `file`, `find` (once) becomes `replace`, and `test` must fail.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const mutations = JSON.parse(readFileSync("tests/mutations.json", "utf8"));
const wanted = process.argv.slice(2);
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

const copy = mkdtempSync(join(tmpdir(), "devsanctum-mutants-"));
const tree = join(copy, "sources");
execFileSync("git", ["worktree", "add", "--quiet", "--detach", tree, "HEAD"]);
// Built apart: a planted bug must never end up in what people build.
const env = { ...process.env, CARGO_TARGET_DIR: process.env.DEVSANCTUM_MUTANTS_TARGET ?? join(copy, "target") };

function test(filter) {
  const run = spawnSync("cargo", ["test", ...filter.split(" ")], { cwd: tree, env, encoding: "utf8" });
  const output = run.stdout + run.stderr;
  const ran = [...output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)];
  const total = ran.reduce((sum, [, passed, failed]) => sum + Number(passed) + Number(failed), 0);
  return { passed: run.status === 0, total, output };
}

const results = [];
try {
  for (const { name, file, find, replace, test: filter } of chosen) {
    const path = join(tree, file);
    const source = readFileSync(path, "utf8");
    const pieces = source.split(find);
    if (pieces.length !== 2) {
      results.push([name, `INVALID: found ${pieces.length - 1} times in ${file}`]);
      continue;
    }
    writeFileSync(path, pieces.join(replace));
    const began = Date.now();
    const { passed, total, output } = test(filter);
    writeFileSync(path, source);
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    const verdict = total === 0 ? "INVALID: no test ran" : passed ? "SURVIVED" : "caught";
    results.push([name, verdict]);
    console.log(`${verdict.padEnd(9)} ${name} (${filter}, ${seconds} s)`);
    if (total === 0) console.log(output.split("\n").filter((line) => /^error|-->/.test(line)).join("\n"));
  }
} finally {
  execFileSync("git", ["worktree", "remove", "--force", tree]);
  rmSync(copy, { recursive: true, force: true });
}
const caught = results.filter(([, verdict]) => verdict === "caught").length;
for (const [name, verdict] of results) if (verdict !== "caught") console.log(`${verdict}: ${name}`);
console.log(`${caught} passed, ${results.length - caught} failed`);
process.exit(caught === results.length ? 0 : 1);
