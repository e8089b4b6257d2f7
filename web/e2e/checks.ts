import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A finding that stays this long is one. */
const SETTLING_MS = 20_000;

/** No finding of axe on what the page shows now. */
export async function expectAccessible(page: Page) {
  // Colours in transition are neither of the two that matter, and a transition may begin while axe looks: what is
  // found has to be found again when nothing moves.
  await expect(async () => {
    await page.evaluate(nothingMoves);
    const { violations } = await new AxeBuilder({ page })
      .withTags(rules)
      // Menus and dialogs live in a portal beside the landmarks, where nothing behind can cut them off.
      .disableRules(["region"])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual(
      [],
    );
  }).toPass({ timeout: SETTLING_MS });
}

/** Runs in the page. Dialogs and tooltips begin to move a frame after they appear. */
async function nothingMoves() {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  await frame();
  const ending = document
    .getAnimations()
    .filter((animation) => animation.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(ending.map((animation) => animation.finished));
}

/** The same in both themes. */
export async function expectAccessibleInBothThemes(page: Page) {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
  }
}

/** Collects what the browser complains about; empty at the end, or the test fails. */
export function watchConsole(page: Page): { complaints: string[] } {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
  return { complaints };
}
