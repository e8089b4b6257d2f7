import { statSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { workspaceScenes } from "./scenes/workspaces.ts";

/** Larger ones would make the README slow to read. */
const LARGEST = 200 * 1024;

const pictures = {
  home: workspaceScenes.workspaces,
  workspace: workspaceScenes.overview,
  failure: workspaceScenes.failed,
  metrics: workspaceScenes.metrics,
};

async function take(page: Page, file: string) {
  await page.evaluate(() => document.fonts.ready);
  // A pointer that rests somewhere colours what is below it.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400);
  await page.screenshot({ path: file });
  expect(statSync(file).size, `bytes of ${file}`).toBeLessThan(LARGEST);
}

for (const theme of ["light", "dark"] as const) {
  test.describe(theme, () => {
    test.use({ viewport: { width: 1280, height: 800 }, colorScheme: theme });
    for (const [name, visit] of Object.entries(pictures)) {
      test(name, async ({ page, context, baseURL }) => {
        await context.addCookies([{ name: "mock", value: "1", url: `${baseURL}/api/v1/auth` }]);
        await visit?.(page);
        await take(page, `../docs/images/${name}-${theme}.png`);
      });
    }
  });
}
