// Every metric that the dashboard asks for is one that the server shows, with the labels it is asked by.
//
// usage: node scripts/check-dashboard.mjs DASHBOARD METRICS     (METRICS: what GET /metrics answered)

import { readFileSync } from "node:fs";

const [dashboardFile, metricsFile] = process.argv.slice(2);
const dashboard = JSON.parse(readFileSync(dashboardFile, "utf8"));

/** Labels by the name of the metric. */
const shown = new Map();
for (const line of readFileSync(metricsFile, "utf8").split("\n")) {
  const sample = /^([a-z_]+)(?:\{(.*)\})? /.exec(line);
  if (!sample) continue;
  const labels = shown.get(sample[1]) ?? new Set();
  for (const [, label] of (sample[2] ?? "").matchAll(/([a-z_]+)="/g)) labels.add(label);
  shown.set(sample[1], labels);
}
if (shown.size === 0) throw new Error(`${metricsFile} has no metrics`);

const expressions = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
// Prometheus adds these to whatever it collects.
const ADDED = new Set(["instance", "job"]);
const wrong = [];
let asked = 0;
for (const expression of expressions) {
  const names = [...expression.matchAll(/\bdevsanctum_[a-z_]+/g)].map(([name]) => name);
  if (names.length === 0) wrong.push(`no metric of ours in: ${expression}`);
  for (const name of names) {
    asked += 1;
    if (!shown.has(name)) wrong.push(`${name} is not in /metrics: ${expression}`);
  }
  const labels = [
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list.split(/, */)),
    ...[...expression.matchAll(/([a-z_]+)(?:=|!=|=~|!~)"/g)].map(([, label]) => label),
  ];
  for (const label of labels) {
    if (!ADDED.has(label) && !names.some((name) => shown.get(name)?.has(label))) {
      wrong.push(`${names.join(", ")} has no label ${label}: ${expression}`);
    }
  }
}
if (asked === 0) wrong.push("the dashboard asks for nothing");
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`       ${expressions.length} expressions of the dashboard name ${asked} metrics, all of them in /metrics`);
