import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { expectAccessibleInBothThemes, watchConsole } from "./checks.ts";
import { installation, installationOf, labelled } from "./installation.ts";

/** From a fresh installation to a running workspace and back to nothing, as a person does it. */
test.describe.configure({ mode: "serial" });

const password = "third lamp behind the cloister";
const name = "first-door";

let context: BrowserContext;
let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext({ baseURL: installation.url });
  page = await context.newPage();
  complaints = watchConsole(page).complaints;
});

test.afterAll(async () => {
  await context.close();
});

test("a fresh installation asks for its setup token", async () => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/setup$/);
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("Setup token").fill("not-the-token");
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Email").fill("ada@example.org");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Setup token").fill(installation.setupToken);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByRole("heading", { name: "No workspaces yet" })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test("signing out and in leads back to where one was", async () => {
  await accountMenu().click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/catalog");
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("Username or email").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Catalog" })).toBeVisible();
});

test("a workspace from the catalog runs, its steps watched live", async () => {
  await expectAccessibleInBothThemes(page);
  await page.getByRole("link", { name: /^hello$/i }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Not A Name");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByText("Lower case only")).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect.poll(() => installationOf(workspaceId())).not.toBe("");
  installation.id = installationOf(workspaceId());
  await expect(status("Running")).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("region", { name: "Components" }).getByText(/Healthy|Running/)).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test("its door opens", async () => {
  const link = page.getByRole("link", { name: `Open ${name} in a new tab` });
  const [opened] = await Promise.all([context.waitForEvent("page"), link.click()]);
  const answer = await opened.reload();
  expect(answer?.status()).toBe(200);
  await opened.close();
});

test("every tab shows what it promises", async () => {
  await tab("Deployments");
  await expect(page.getByText("Start container").first()).toBeVisible();
  await expect(page.getByRole("log", { name: "Deployment log" })).not.toHaveText("");
  await expectAccessibleInBothThemes(page);
  await tab("Logs");
  await expect(page.getByRole("log")).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await tab("Metrics");
  await expect(page.getByText(/ MiB| KiB/).first()).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await tab("Routes");
  await expect(page.getByRole("table")).toContainText("Live");
  await expectAccessibleInBothThemes(page);
});

test("a private door asks who is there, and lets its owner in", async ({ browser }) => {
  const visibility = page.getByRole("combobox", { name: /^Who may open/ });
  await visibility.click();
  await page.getByRole("option", { name: /^Private/ }).click();
  await expect(visibility).toHaveText(/Private/);
  const url = await page.getByRole("link", { name: `Open ${name} in a new tab` }).getAttribute("href");
  const elsewhere = await browser.newContext();
  const visitor = await elsewhere.newPage();
  await visitor.goto(`${url}/?deep=link`);
  await expect(visitor.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await visitor.getByLabel("Username or email").fill("ada");
  await visitor.getByLabel("Password", { exact: true }).fill(password);
  await visitor.getByRole("button", { name: "Sign in", exact: true }).click();
  await visitor.waitForURL(`${url}/?deep=link`);
  expect((await visitor.reload())?.status()).toBe(200);
  const cookies = await elsewhere.cookies(url ?? "");
  expect(cookies.map(({ name, domain, httpOnly }) => ({ name, domain, httpOnly }))).toEqual([
    { name: "devsanctum_pass", domain: new URL(url ?? "").hostname, httpOnly: true },
  ]);
  await visibility.click();
  await page.getByRole("option", { name: /^Public/ }).click();
  await expect(visibility).toHaveText(/Public/);
  await elsewhere.clearCookies();
  expect((await visitor.goto(url ?? ""))?.status()).toBe(200);
  await elsewhere.close();
});

test("stopped and started again, without a reload", async () => {
  await page.getByRole("button", { name: `Stop ${name}`, exact: true }).click();
  await expect(status("Stopped")).toBeVisible({ timeout: 60_000 });
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: `Start ${name}`, exact: true }).click();
  await expect(status("Running")).toBeVisible({ timeout: 60_000 });
});

test("another window sees changes live, and a reload keeps the session", async () => {
  const other = await context.newPage();
  await other.goto("/?view=table");
  const row = other.getByRole("row", { name });
  await expect(row).toContainText("Running");
  await page.reload();
  // A component that is being stopped does not tell its ports any more.
  await expect(page.getByRole("region", { name: "Listening ports" })).toContainText("8080");
  await page.getByRole("button", { name: `Stop ${name}`, exact: true }).click();
  await expect(row).toContainText("Stopped", { timeout: 60_000 });
  await expectAccessibleInBothThemes(other);
  await other.close();
});

test("a template with problems shows them at their lines", async () => {
  await page.goto("/templates/new");
  const manifest = page.getByRole("textbox", { name: "Manifest" });
  const text = await manifest.inputValue();
  await manifest.fill(text.replace("port: 8080", "port: 99999"));
  await page.getByRole("button", { name: "Create template" }).click();
  const line = text.split("\n").findIndex((each) => each.includes("port: 8080")) + 1;
  await expect(page.getByRole("list", { name: "Problems" })).toContainText(`Line ${line}`);
  await expectAccessibleInBothThemes(page);
  await manifest.fill(text);
  await page.getByRole("button", { name: "Create template" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My application" })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test("destroying asks for the name and leaves nothing", async () => {
  await page.goto("/");
  await page.getByRole("link", { name, exact: true }).click();
  await tab("Settings");
  await page.getByRole("button", { name: "Destroy" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Destroy with its data" });
  await expect(confirm).toBeDisabled();
  await expectAccessibleInBothThemes(page);
  await dialog.getByRole("textbox").fill(name);
  expect(labelled(installation.id)).not.toEqual([]);
  await confirm.click();
  await expect(page.getByRole("heading", { name: "No workspaces yet" })).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => labelled(installation.id), { timeout: 60_000 }).toEqual([]);
});

test("the browser had nothing to complain about", () => {
  // Refusals that these tests provoke, and the refresh without a session, are answers, not faults.
  const provoked = /status of (401|403|409|410|422)/;
  expect(complaints.filter((text) => !provoked.test(text))).toEqual([]);
});

function accountMenu() {
  return page.getByRole("button", { name: /^Account of/ });
}

function status(label: string) {
  return page.getByRole("main").getByText(label, { exact: true }).first();
}

async function tab(label: string) {
  await page.getByRole("navigation", { name: "Workspace" }).getByRole("link", { name: label }).click();
}

function workspaceId(): string {
  const id = /\/workspaces\/([^/]+)/.exec(page.url())?.[1];
  if (!id) throw new Error(`no workspace in ${page.url()}`);
  return id;
}
