import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, watchConsole } from "./checks.ts";
import { accountScenes } from "./scenes/account.ts";
import { administrationScenes } from "./scenes/administration.ts";
import { crowdScenes } from "./scenes/crowd.ts";
import { galleryScenes } from "./scenes/gallery.ts";
import { gateScenes } from "./scenes/gate.ts";
import { organizationScenes } from "./scenes/organization.ts";
import type { Scenes, Visit } from "./scenes/scene.ts";
import { workspaceScenes } from "./scenes/workspaces.ts";

/** Every screen in its states: a picture to be looked at, no finding of axe, no complaint of the browser. */

const looks = [
  { name: "desktop", viewport: { width: 1440, height: 900 } },
  { name: "phone", viewport: { width: 390, height: 844 } },
];

const open = { ...gateScenes, ...galleryScenes };
const signedIn = {
  ...workspaceScenes,
  ...accountScenes,
  ...organizationScenes,
  ...administrationScenes,
};

/** Nothing sticks out sideways, so that nobody has to scroll two ways. */
async function expectToFit(page: Page, width: number) {
  await page.setViewportSize({ width, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}

/** They take their time, and what they show is shown by others in all looks. */
function crowdOf(look: string, theme: "light" | "dark"): Scenes {
  const { crowd, "crowd-table": table } = crowdScenes;
  if (look === "phone" && theme === "dark") return { crowd };
  return look === "desktop" && theme === "light" ? { "crowd-table": table } : {};
}

for (const look of looks) {
  for (const theme of ["light", "dark"] as const) {
    test.describe(`${look.name} ${theme}`, () => {
      test.use({ viewport: look.viewport, colorScheme: theme });

      async function shoot(page: Page, name: string, visit: Visit) {
        const { complaints } = watchConsole(page);
        await visit(page);
        await page.evaluate(() => document.fonts.ready);
        await page.waitForTimeout(400);
        await page.screenshot({
          path: `screenshots/${look.name}-${theme}/${name}.png`,
          fullPage: look.name === "phone" || name in galleryScenes,
        });
        await expectAccessible(page);
        if (look.name === "phone") await expectToFit(page, 360);
        // Refused answers are part of the scene; anything else, such as a breach of the policy, is not.
        expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);
      }

      for (const [name, visit] of Object.entries(open)) {
        test(name, ({ page }) => shoot(page, name, visit));
      }
      for (const [name, visit] of Object.entries({ ...signedIn, ...crowdOf(look.name, theme) })) {
        test(name, async ({ page, context, baseURL }) => {
          await context.addCookies([{ name: "mock", value: "1", url: `${baseURL}/api/v1/auth` }]);
          await shoot(page, name, visit);
        });
      }
    });
  }
}
