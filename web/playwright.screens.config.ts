import { defineConfig } from "@playwright/test";
import { chromium } from "./e2e/browser.ts";
import { CROWD_PORT, GALLERY_PORT, PORT } from "./e2e/ports.ts";

const preview = (port: number) => `npx vite preview --port ${port} --strictPort`;

/** Every screen in every state, served from the mock: pictures to look at, and axe on each. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "screens.ts",
  outputDir: "test-results",
  reporter: [["list"]],
  workers: 1,
  use: { ...chromium, baseURL: `http://localhost:${PORT}` },
  webServer: [
    {
      command: `npx vite build --logLevel warn && ${preview(PORT)}`,
      port: PORT,
      reuseExistingServer: true,
    },
    { command: preview(CROWD_PORT), port: CROWD_PORT, reuseExistingServer: true, env: { MOCK_CROWD: "200" } },
    // Not part of what is built for people.
    {
      command: `npx vite build --mode gallery --outDir dist-gallery --logLevel warn && ${preview(GALLERY_PORT)} --outDir dist-gallery`,
      port: GALLERY_PORT,
      reuseExistingServer: true,
    },
  ],
});
