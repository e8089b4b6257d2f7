import { defineConfig } from "@playwright/test";
import { chromium } from "./e2e/browser.ts";

const PORT = 4179;

/** Every screen in every state, served from the mock: pictures to look at, and axe on each. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "screens.ts",
  outputDir: "test-results",
  reporter: [["list"]],
  workers: 1,
  use: { ...chromium, baseURL: `http://localhost:${PORT}` },
  webServer: {
    command: `npx vite build --logLevel warn && npx vite preview --port ${PORT} --strictPort`,
    port: PORT,
    reuseExistingServer: true,
  },
});
