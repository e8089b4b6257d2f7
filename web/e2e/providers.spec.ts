import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { expectAccessibleInBothThemes } from "./checks.ts";
import { installation } from "./installation.ts";

/** Signing in with accounts elsewhere, at a real OpenID provider and at a server shaped like GitHub. */
test.describe.configure({ mode: "serial" });

const password = "third lamp behind the cloister";

let context: BrowserContext;
let page: Page;

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext({ baseURL: installation.url });
  page = await context.newPage();
});

test.afterAll(async () => {
  await context.close();
});

async function signInAtProvider(name: string) {
  await page.waitForURL(/127\.0\.0\.1:\d+\/interaction\//);
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signOut() {
  await page
    .getByRole("button", { name: /account/i })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

test("a stranger at the provider is a stranger here", async () => {
  await page.goto("/sign-in");
  await expectAccessibleInBothThemes(page);
  await page.getByRole("link", { name: /Company/ }).click();
  await signInAtProvider("stranger");
  await expect(page).toHaveURL(/\/sign-in\?error=no_account/);
  await expect(page.getByRole("alert")).toContainText("invite");
  await expectAccessibleInBothThemes(page);
});

test("whoever is signed in connects an account elsewhere", async () => {
  await context.clearCookies();
  await page.goto("/sign-in");
  await page.getByLabel("Username or email").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: /workspaces/i }).first()).toBeVisible();
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Connect Company" }).click();
  await signInAtProvider("somebody");
  await expect(page.getByRole("button", { name: "Disconnect Company" })).toBeVisible();
  await expect(page.getByText("somebody@example.org")).toBeVisible();
  await page.getByRole("button", { name: "Connect GitHub" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await expect(page.getByRole("button", { name: "Disconnect GitHub" })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test("and signs in with it, to the page that was asked for", async () => {
  await signOut();
  await page.goto("/catalog");
  await page.getByRole("link", { name: /GitHub/ }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await expect(page.getByRole("heading", { name: "Catalog" })).toBeVisible();
  await signOut();
  await page.getByRole("link", { name: /Company/ }).click();
  // The provider knows the browser, and asks nothing.
  await expect(page.getByRole("heading", { name: "Catalog" })).toBeVisible();
  const cookies = await context.cookies();
  const refresh = cookies.find(({ name }) => name === "devsanctum_refresh");
  expect(refresh).toMatchObject({ httpOnly: true, sameSite: "Strict" });
});

test("what somebody else began is not finished in this browser", async ({ browser }) => {
  const attacker = await browser.newContext({ baseURL: installation.url });
  const theirs = await attacker.newPage();
  await theirs.goto("/sign-in");
  await theirs.getByRole("link", { name: /GitHub/ }).click();
  const link = await theirs.getByRole("link", { name: "Authorize" }).getAttribute("href");
  await signOut();
  await page.goto(link ?? "");
  await expect(page).toHaveURL(/\/sign-in\?error=handshake_invalid/);
  await attacker.close();
});
