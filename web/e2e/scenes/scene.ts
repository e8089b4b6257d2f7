import type { Page } from "@playwright/test";

/** Brings the page into the state that is to be pictured. */
export type Visit = (page: Page) => Promise<void>;
export type Scenes = Record<string, Visit>;

export const at =
  (address: string): Visit =>
  async (page) =>
    void (await page.goto(address));

export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
export const byName = (page: Page, name: string) => page.getByRole("link", { name, exact: true });

/** The ways in, otherwise than the mock has them. */
export async function withMethods(page: Page, change: object) {
  await page.route("**/api/v1/auth/methods", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), ...change } });
  });
}

/** The person, otherwise than the mock has them. */
export async function withMe(page: Page, change: object) {
  await page.route("**/api/v1/me", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ status: answer.status(), json: { ...(await answer.json()), ...change } });
  });
}
