import { defineConfig } from "@playwright/test";
import { chromium } from "./e2e/browser.ts";

/** Flows against the real binary and real Docker: DEVSANCTUM_E2E_BINARY names the binary. */
export default defineConfig({
  testDir: "e2e",
  // The first run makes the administrator whom the others sign in as.
  projects: [
    { name: "first run", testMatch: "workspace.spec.ts" },
    { name: "people", testIgnore: "workspace.spec.ts", testMatch: "*.spec.ts", dependencies: ["first run"] },
  ],
  outputDir: "test-results",
  globalSetup: "./e2e/installation.ts",
  reporter: [["list"]],
  forbidOnly: Boolean(process.env.CI),
  // One installation, one Docker: the flows take turns.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: { ...chromium, trace: "retain-on-failure" },
});
