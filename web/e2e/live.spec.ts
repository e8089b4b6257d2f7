import { expect, type Page, test } from "@playwright/test";
import { expectAccessibleInBothThemes } from "./checks.ts";
import { installation } from "./installation.ts";
import { Caller, type MadeWorkspace, type Seat, signIn, takeSeat } from "./seat.ts";

/** What people see of each other, of failures and of outages, without a reload. */
test.describe.configure({ mode: "serial" });

const org = "ada";
let ada: Caller;
let first: Seat;
let second: Seat;
let workspace: MadeWorkspace;

test.beforeAll(async ({ browser, playwright }) => {
  ada = await Caller.as(await playwright.request.newContext(), "ada");
  first = await takeSeat(browser);
  second = await takeSeat(browser);
  for (const { page } of [first, second]) {
    await page.goto("/?view=table");
    await signIn(page, "ada");
    await expect(page.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();
  }
});

test.afterAll(async () => {
  await first.context.close();
  await second.context.close();
  const { items } = await ada.call<{ items: MadeWorkspace[] }>("GET", "/workspaces");
  for (const left of items) await ada.destroy(left);
});

const row = (page: Page, name: string) => page.getByRole("row", { name });
const status = (page: Page, label: string) =>
  page.getByRole("main").getByText(label, { exact: true }).first();

test("two browsers see each other's changes, and so does another member", async ({ browser }) => {
  workspace = await ada.makeWorkspace(org, "shared-lamp");
  for (const { page } of [first, second]) await expect(row(page, "shared-lamp")).toContainText("Running");
  await ada.makePerson("dev-2", org, "developer");
  const member = await takeSeat(browser);
  await member.page.goto(`/workspaces/${workspace.id}`);
  await signIn(member.page, "dev-2");
  await expect(status(member.page, "Running")).toBeVisible();
  await expect(member.page.getByRole("button", { name: "Stop shared-lamp" })).toBeDisabled();

  await row(first.page, "shared-lamp").getByRole("link", { name: "shared-lamp", exact: true }).click();
  await first.page.getByRole("button", { name: "Stop shared-lamp" }).click();
  await expect(row(second.page, "shared-lamp")).toContainText("Stopped");
  await expect(status(member.page, "Stopped")).toBeVisible();
  await member.context.close();
});

test("the palette starts the workspace whose page is open", async () => {
  const { page } = first;
  await page.keyboard.press("ControlOrMeta+k");
  const field = page.getByRole("combobox", { name: "Search, jump and command" });
  await field.fill("start shared");
  await expect(page.getByRole("option", { name: "Start shared-lamp", exact: true })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("Enter");
  await expect(status(page, "Running")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+k");
  await field.fill("catalog");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Catalog" })).toBeVisible();
});

test("a refusal takes back what was shown at once, and says why", async () => {
  const { page } = first;
  await ada.stop(workspace);
  const none = { workspaces: null, cpu_millis: null, memory_bytes: null, disk_bytes: null };
  await ada.call("PUT", `/orgs/${org}/quota`, { ...none, running_workspaces: 0 });
  await page.goto(`/workspaces/${workspace.id}`);
  // The server gets the request when the page has shown what it expects of it.
  let send = () => {};
  const held = new Promise<void>((resolve) => {
    send = resolve;
  });
  await page.route("**/start", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("button", { name: "Start shared-lamp", exact: true }).click();
  await expect(status(page, "Pending")).toBeVisible();
  send();
  await expect(status(page, "Stopped")).toBeVisible();
  const news = page.getByRole("region", { name: "Notifications" });
  await expect(news).toContainText("shared-lamp: start refused");
  await expect(news).toContainText("quota does not allow it");
  await expectAccessibleInBothThemes(page);
  await ada.call("PUT", `/orgs/${org}/quota`, { ...none, running_workspaces: null });
});

test("several are started and stopped at once", async () => {
  const { page } = first;
  const other = await ada.makeWorkspace(org, "second-lamp");
  await ada.stop(other);
  await page.goto("/?view=table");
  await page.getByRole("button", { name: "Select several" }).click();
  await page.getByRole("button", { name: "Select all shown" }).click();
  await page.getByRole("button", { name: "Start 2" }).click();
  for (const name of ["shared-lamp", "second-lamp"]) await expect(row(page, name)).toContainText("Running");
  await ada.stop(other);
  await expect(row(page, "second-lamp")).toContainText("Stopped");
  await page.getByRole("button", { name: /^Destroy/ }).click();
  const dialog = page.getByRole("dialog", { name: /^Destroy/ });
  await expect(dialog).toContainText("Destroy 2 workspaces?");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("checkbox", { name: "Select shared-lamp" }).uncheck();
  await page.getByRole("button", { name: "Destroy 1" }).click();
  await dialog.getByRole("textbox").fill("second-lamp");
  await dialog.getByRole("button", { name: "Destroy with its data" }).click();
  await expect(row(page, "second-lamp")).toHaveCount(0);
  await expect(row(second.page, "second-lamp")).toHaveCount(0);
});

test("a build that fails shows where, why, and its last words", async () => {
  const { page } = first;
  await page.goto("/catalog");
  await page.getByRole("link", { name: "Broken build" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("dark-lamp");
  await page.getByRole("button", { name: "Create workspace" }).click();
  const failure = page.getByRole("alert");
  await expect(failure).toContainText("no such package: lanterns", { timeout: 60_000 });
  await expect(failure).toContainText("Build image · web");
  await expect(page.getByRole("button", { name: "Retry dark-lamp" })).toBeEnabled();
  const log = page.getByRole("log", { name: "Deployment log" });
  await expect(log).toContainText("resolving dependencies");
  await expect(log).toContainText("no such package: lanterns");
  await expectAccessibleInBothThemes(page);
});

test("a lost connection is told, and what was missed is there when it is back", async () => {
  const { page, context } = second;
  await expect(row(page, "shared-lamp")).toContainText("Running");
  await page.evaluate(() => Object.assign(window, { stillTheSamePage: true }));
  await context.setOffline(true);
  await installation.stop();
  const banner = page.getByText("Live updates are interrupted");
  await expect(banner).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await installation.start();
  expect((await ada.stop(workspace)).status).toBe("stopped");
  await expect(row(page, "shared-lamp")).toContainText("Running");
  await context.setOffline(false);
  await expect(row(page, "shared-lamp")).toContainText("Stopped");
  await expect(banner).toBeHidden();
  // And from now on again as it happens.
  await ada.start(workspace);
  await expect(row(page, "shared-lamp")).toContainText("Running");
  expect(await page.evaluate(() => "stillTheSamePage" in window)).toBe(true);
});

test("the browser of the one who acted had nothing to complain about", () => {
  const provoked = /status of (401|409|502|503)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/;
  expect(first.complaints.filter((text) => !provoked.test(text))).toEqual([]);
});
