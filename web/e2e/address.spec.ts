import { expect, test } from "@playwright/test";
import { expectAccessibleInBothThemes } from "./checks.ts";
import { Caller, type MadeWorkspace, type Seat, signIn, takeSeat } from "./seat.ts";

/** From the address of a workspace that is stopped to the workspace itself. */
test.describe.configure({ mode: "serial" });

let ada: Caller;
let workspace: MadeWorkspace;
let owner: Seat;

test.beforeAll(async ({ browser, playwright }) => {
  ada = await Caller.as(await playwright.request.newContext(), "ada");
  workspace = await ada.makeWorkspace("ada", "sleeping-door");
  expect(workspace.status).toBe("running");
  owner = await takeSeat(browser);
});

test.afterAll(async () => {
  await owner.context.close();
  await ada.destroy(workspace);
});

async function stopped(visibility: string) {
  await ada.showTo(workspace, visibility);
  expect((await ada.stop(workspace)).status).toBe("stopped");
}

const heading = ({ page }: Seat, name: string) => page.getByRole("heading", { level: 1, name });
const startAndOpen = ({ page }: Seat) => page.getByRole("button", { name: "Start and open" });

test("its page leads to a button, and the button to the very path", async () => {
  await stopped("public");
  const wanted = new URL("/docs/page?of=7&more=a%20b", workspace.url).href;
  const { page } = owner;
  expect((await page.goto(wanted))?.status()).toBe(503);
  await expect(heading(owner, "sleeping-door is stopped")).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByRole("link", { name: "Start it in DevSanctum" }).click();
  await signIn(page, "ada");
  await expect(startAndOpen(owner)).toBeVisible();
  await expectAccessibleInBothThemes(page);
  expect((await ada.show(workspace)).status, "going there starts nothing").toBe("stopped");
  await startAndOpen(owner).click();
  await expect(heading(owner, "sleeping-door is starting")).toBeVisible();
  await page.waitForURL(wanted);
  expect((await page.reload())?.headers()).not.toHaveProperty("devsanctum-route");
});

test("a private address asks for a pass on the way, and leads there all the same", async () => {
  await stopped("private");
  const wanted = new URL("/?deep=link", workspace.url).href;
  const { page } = owner;
  await page.goto(wanted);
  await startAndOpen(owner).click();
  await page.waitForURL(wanted);
  expect((await page.reload())?.status()).toBe(200);
});

test("whoever may not start it is told who may, and goes along when they do", async ({ browser }) => {
  await ada.makePerson("grace", "ada", "viewer");
  await stopped("organization");
  const wanted = new URL("/?deep=link", workspace.url).href;
  const viewer = await takeSeat(browser);
  await viewer.page.goto(wanted);
  await signIn(viewer.page, "grace");
  await expect(startAndOpen(viewer)).toBeDisabled();
  await expect(viewer.page.getByText("It belongs to ada: ask them to start it")).toBeVisible();
  await expectAccessibleInBothThemes(viewer.page);
  await ada.start(workspace);
  await viewer.page.waitForURL(wanted);
  await viewer.context.close();
});

test("somebody of another organization learns only that it does not run", async ({ browser }) => {
  await ada.makePerson("visitor");
  await stopped("authenticated");
  const visitor = await takeSeat(browser);
  await visitor.page.goto(workspace.url);
  await signIn(visitor.page, "visitor");
  await expect(heading(visitor, "sleeping-door does not run")).toBeVisible();
  await expect(visitor.page.getByText("Only people of its organization can start it")).toBeVisible();
  await expectAccessibleInBothThemes(visitor.page);
  await visitor.context.close();
});

test("the owner's browser had nothing to complain about", () => {
  // The page of a stopped workspace, and its look whether it is up, are answers, not faults.
  const provoked = /status of (401|503)/;
  expect(owner.complaints.filter((text) => !provoked.test(text))).toEqual([]);
});
