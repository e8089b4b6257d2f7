import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";

/**
 * What Lighthouse says of the pages that people spend their days on, from the server that SERVER_URL names, to whoever
 * LOGIN and PASSWORD are. The arguments are the pages, as name=path.
 */
const PERFORMANCE = 95;
const ACCESSIBILITY = 100;

/** Other work on the machine makes single runs slow and none fast, so the middle one of several counts. */
const RUNS = 3;
/** Where the middle one is too slow, more runs tell whether that was the machine's mood. */
const MORE_RUNS = 4;

/** The live streams of a page never end, so nothing tells when it is quiet: it stands long before this. */
const WAIT_MS = 8000;

const REPORTS = "test-results/lighthouse";

const { SERVER_URL, LOGIN, PASSWORD } = process.env;
const pages = process.argv.slice(2).map((page) => page.split("="));

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The browser's own first context, which Lighthouse opens its pages in. */
async function signedInBrowser(home, port) {
  const browser = await chromium.launchPersistentContext(home, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", `--remote-debugging-port=${port}`],
  });
  const answer = await browser.request.post(`${SERVER_URL}/api/v1/auth/login`, {
    data: { login: LOGIN, password: PASSWORD },
  });
  if (!answer.ok()) throw new Error(`cannot sign in: ${await answer.text()}`);
  return browser;
}

async function run(port, path) {
  const { lhr, report } = await lighthouse(
    SERVER_URL + path,
    {
      port,
      output: "html",
      onlyCategories: ["performance", "accessibility"],
      disableStorageReset: true,
      maxWaitForLoad: WAIT_MS,
    },
    desktopConfig,
  );
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const landed = new URL(lhr.finalDisplayedUrl).pathname;
  if (landed !== path) throw new Error(`${path} led to ${landed}: is the session gone?`);
  const score = (category) => Math.round(lhr.categories[category].score * 100);
  return { lhr, report, performance: score("performance"), accessibility: score("accessibility") };
}

const byPerformance = (one, other) => one.performance - other.performance;

async function measure(port, path) {
  const runs = [];
  const repeat = async (times) => {
    for (let n = 0; n < times; n += 1) runs.push(await run(port, path));
    return runs.toSorted(byPerformance)[Math.floor(runs.length / 2)];
  };
  let middle = await repeat(RUNS);
  if (middle.performance < PERFORMANCE) middle = await repeat(MORE_RUNS);
  const worst = runs.toSorted((one, other) => one.accessibility - other.accessibility)[0];
  return { middle, runs, worst };
}

function complaints(lhr, category) {
  const failing = lhr.categories[category].auditRefs
    .map(({ id, weight }) => ({ ...lhr.audits[id], weight }))
    .filter(({ score, weight }) => weight > 0 && score !== null && score < 1);
  return failing.map(
    ({ title, displayValue, score }) => `    ${title} ${displayValue ?? ""} (${Math.round(score * 100)})`,
  );
}

const home = mkdtempSync(join(tmpdir(), "devsanctum-lighthouse-"));
const port = await freePort();
const browser = await signedInBrowser(home, port);
mkdirSync(REPORTS, { recursive: true });
try {
  for (const [name, path] of pages) {
    const { middle, runs, worst } = await measure(port, path);
    writeFileSync(`${REPORTS}/${name}.html`, middle.report);
    const each = runs.map(({ performance }) => performance).join(", ");
    const lines = [
      `${name}: performance ${middle.performance} (of ${each}), accessibility ${worst.accessibility}`,
    ];
    if (middle.performance < PERFORMANCE) lines.push(...complaints(middle.lhr, "performance"));
    if (worst.accessibility < ACCESSIBILITY) lines.push(...complaints(worst.lhr, "accessibility"));
    if (lines.length > 1) process.exitCode = 1;
    process.stdout.write(`${lines.join("\n")}\n`);
  }
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
