import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessibleInBothThemes } from "./checks.ts";
import { installation } from "./installation.ts";
import { password, type Seat, signIn, takeSeat } from "./seat.ts";

/** An organization of two: one invites, the other comes, may something, is shut out, and goes. */
test.describe.configure({ mode: "serial" });

let owner: Seat;
let member: Seat;
let link: string;

test.beforeAll(async ({ browser }) => {
  [owner, member] = [await takeSeat(browser), await takeSeat(browser)];
});

test.afterAll(async () => {
  await owner.context.close();
  await member.context.close();
});

const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
const tab = (page: Page, name: string) => page.getByRole("main").getByRole("link", { name, exact: true });

async function chooseFor(page: Page, username: string, action: string) {
  await page.getByRole("button", { name: `Actions for ${username}`, exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

test("an organization is made, and becomes the one that is looked at", async () => {
  const { page } = owner;
  await page.goto("/");
  await signIn(page, "ada");
  await page.getByRole("button", { name: /^Organization:/ }).click();
  await page.getByRole("menuitem", { name: "New organization" }).click();
  await page.getByLabel("Name").fill("Quality Lab");
  await expect(page.getByLabel("Slug")).toHaveValue("quality-lab");
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Quality Lab" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Organization: Quality Lab" })).toBeVisible();
});

test("without a mail server, the inviter gets the link to hand over", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByText("No mail is set up")).toBeVisible();
  await page.getByLabel("Mail address").fill("dev-1@example.org");
  await dialog(page, "Invite to Quality Lab").getByRole("button", { name: "Invite" }).click();
  link = await page.getByLabel("Link", { exact: true }).inputValue();
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Done" }).click();
  // Not toBeFocused: that also asks whether this window is in front.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Invite");
  await expect(page.getByRole("list", { name: "Invitations" })).toContainText("dev-1@example.org");
});

test("the link does not turn somebody else into the one who was invited", async () => {
  const { page } = owner;
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByText("you are signed in as")).toBeVisible();
  await expect(page).toHaveURL(/\/invitations$/);
  await page.getByRole("link", { name: "Stay signed in as ada" }).click();
});

test("whoever was invited comes in by it, and sees only what the role allows", async () => {
  const { page } = member;
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Join Quality Lab" })).toBeVisible();
  await expect(page).toHaveURL(/\/invitations$/);
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("Username").fill("dev-1");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account and join" }).click();
  await expect(page.getByRole("button", { name: "Organization: Quality Lab" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Administration" })).toHaveCount(0);
  await page.getByRole("link", { name: "Organization", exact: true }).click();
  await expect(page.getByRole("button", { name: "Invite" })).toBeDisabled();
  await expect(page.getByLabel("Role of ada")).toHaveCount(0);
  await expect(tab(page, "Audit log")).toHaveCount(0);
  await expectAccessibleInBothThemes(page);
});

test("a link works once", async ({ browser }) => {
  const context = await browser.newContext({ baseURL: installation.url });
  const page = await context.newPage();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await context.close();
});

test("a role that changes shows at once at the other's", async () => {
  const { page } = owner;
  await page.goto("/organizations/quality-lab");
  await page.getByLabel("Role of dev-1").click();
  await page.getByRole("option", { name: /^Admin/ }).click();
  await expect(tab(member.page, "Audit log")).toBeVisible();
  await expect(member.page.getByRole("button", { name: "Invite" })).toBeEnabled();
});

test("a quota is set and drawn, and the log says by whom", async () => {
  const { page } = owner;
  await tab(page, "Usage").click();
  await page.getByRole("button", { name: "Change quota" }).click();
  await dialog(page, "Quota of Quality Lab").getByLabel("Workspaces", { exact: true }).fill("3");
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("meter", { name: "Workspaces", exact: true })).toHaveAttribute(
    "aria-valuemax",
    "3",
  );
  await expectAccessibleInBothThemes(page);
  await tab(page, "Audit log").click();
  const log = page.getByRole("list", { name: "Audit log" });
  await expect(log).toContainText("ada changed the quota of");
  await page.getByLabel("What it was done to").click();
  await page.getByRole("option", { name: "Members" }).click();
  await expect(log).toContainText("ada set the role of dev-1");
  await expect(log).not.toContainText("quota");
  await log.getByText("set the role of").click();
  await expect(log.getByRole("row", { name: /role developer admin/ })).toBeVisible();
  await expectAccessibleInBothThemes(page);
});

test("the log is a file on request, of what the filter lets through", async () => {
  const { page } = owner;
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "JSON lines" }).click();
  const lines = readFileSync(await (await saved).path(), "utf8")
    .trim()
    .split("\n");
  const actions = lines.map((line) => (JSON.parse(line) as { action: string }).action);
  expect(actions).toContain("member.set");
  expect(actions.filter((action) => !action.startsWith("member."))).toEqual([]);
});

test("whoever is suspended is out within seconds, and is told why", async () => {
  const { page } = owner;
  await page.getByRole("link", { name: "Administration" }).click();
  await chooseFor(page, "dev-1", "Suspend");
  await expectAccessibleInBothThemes(page);
  await dialog(page, "Suspend dev-1?").getByRole("button", { name: "Suspend" }).click();
  await expect(page.getByRole("row", { name: /dev-1/ })).toContainText("Suspended");
  await expectAccessibleInBothThemes(page);
  await expect(member.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signIn(member.page, "dev-1");
  await expect(member.page.getByRole("alert")).toContainText("This account is suspended");
  await chooseFor(page, "dev-1", "Lift the suspension");
  await expect(page.getByRole("row", { name: /dev-1/ })).not.toContainText("Suspended");
  await signIn(member.page, "dev-1");
  await expect(tab(member.page, "Audit log")).toBeVisible();
});

test("the last owner stays", async () => {
  const { page } = owner;
  await page.goto("/organizations/quality-lab/settings");
  await expect(page.getByRole("button", { name: "Leave" })).toBeDisabled();
});

test("whoever is removed sees nothing of it any more", async () => {
  const { page } = owner;
  await tab(page, "Members").click();
  await chooseFor(page, "dev-1", "Remove from the organization");
  await dialog(page, "Remove dev-1 from Quality Lab?").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("row", { name: /dev-1/ })).toHaveCount(0);
  await member.page.goto("/organizations/quality-lab");
  await expect(member.page.getByRole("heading", { name: /does not exist/ })).toBeVisible();
  await expect(member.page.getByRole("button", { name: "Organization: none" })).toBeVisible();
});

test("an organization goes when its slug is typed", async () => {
  const { page } = owner;
  await tab(page, "Settings").click();
  await page.getByRole("button", { name: "Delete" }).click();
  const confirm = dialog(page, "Delete Quality Lab?");
  await expect(confirm.getByRole("button", { name: "Delete organization" })).toBeDisabled();
  await confirm.getByRole("textbox").fill("quality-lab");
  await confirm.getByRole("button", { name: "Delete organization" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Organization: Quality Lab" })).toHaveCount(0);
});

test("the browsers had nothing to complain about", () => {
  // Refusals that these tests provoke, and the refresh without a session, are answers, not faults.
  const provoked = /status of (401|403|404|409|410|422)/;
  const complaints = [...owner.complaints, ...member.complaints];
  expect(complaints.filter((text) => !provoked.test(text))).toEqual([]);
});
