import { type BrowserContext, expect, type Page, test, type WebSocketRoute } from "@playwright/test";
import { expectAccessibleInBothThemes, watchConsole } from "./checks.ts";
import { installation } from "./installation.ts";

/** A shell in the browser, as a person works in it. */
test.describe.configure({ mode: "serial" });

const password = "third lamp behind the cloister";
const name = "bench";

let context: BrowserContext;
let page: Page;
let complaints: string[];
let authorization: string;
let path: string;

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext({ baseURL: installation.url });
  page = await context.newPage();
  complaints = watchConsole(page).complaints;
});

test.afterAll(async () => {
  if (path) await call("delete", `${path}`);
  await context.close();
});

test("a workspace with a place to work in", async () => {
  await page.goto("/sign-in");
  await page.getByLabel("Username or email").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  const signedIn = page.waitForResponse((answer) => answer.url().endsWith("/auth/login"));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  authorization = `Bearer ${(await (await signedIn).json()).access_token}`;
  const components = [
    { name: "store", type: "worker", image: "debian:bookworm-slim", command: ["sleep", "infinity"] },
    { name: "dev", type: "workspace", image: "debian:bookworm-slim" },
  ];
  const source = { kind: "manifest", manifest: { appName: name, components } };
  await call("post", "/orgs/ada/templates", { name, source });
  const made = await call("post", "/orgs/ada/workspaces", { name, template: name });
  expect(made.status).toBe("running");
  path = `/workspaces/${made.id}`;
});

test("what is typed is done", async () => {
  await page.goto(path);
  await tab("Terminal");
  await expect(state()).toHaveText("Connected");
  await type("echo $((6*7)) in $HOSTNAME");
  await expect(rows()).toContainText("42 in dev");
  await type("printf '\\033[38;2;201;120;20mtrue colour\\033[0m\\n'");
  const coloured = rows()
    .locator("span", { hasText: /^true colour$/ })
    .last();
  await expect(coloured).toHaveAttribute("style", /color: ?(rgb\(|#)/);
  await expectAccessibleInBothThemes(page);
});

test("its size follows the page", async () => {
  const columns = async () => {
    await type("clear; stty size");
    await expect(rows()).toContainText(/\d+ \d+/);
    return Number(/\d+ (\d+)/.exec((await rows().textContent()) ?? "")?.[1]);
  };
  await page.setViewportSize({ width: 1200, height: 800 });
  const wide = await columns();
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(columns).toBeLessThan(wide / 2);
  await expectAccessibleInBothThemes(page);
  await page.setViewportSize({ width: 1200, height: 800 });
});

test("a page that is loaded again finds its shell", async () => {
  await type("clear; MARK=kept");
  await page.reload();
  await expect(state()).toHaveText("Connected");
  await type("echo it is $MARK");
  await expect(rows()).toContainText("it is kept");
});

test("a line that broke is taken up again", async () => {
  const lines: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/terminal\?/, (line) => {
    line.connectToServer();
    lines.push(line);
  });
  await page.reload();
  await expect(state()).toHaveText("Connected");
  await type("clear");
  await lines[0]?.close({ code: 3000 });
  await expect.poll(() => lines.length).toBe(2);
  await expect(state()).toHaveText("Connected");
  await type("echo still $MARK");
  await expect(rows()).toContainText("still kept");
});

test("the keyboard gets in and out", async () => {
  await page.getByRole("textbox", { name: "Terminal of dev" }).focus();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("textbox", { name: "Terminal of dev" })).toBeFocused();
  await page.keyboard.press("Control+Shift+L");
  await expect(page.getByRole("textbox", { name: "Terminal of dev" })).not.toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(page.getByRole("checkbox", { name: "For a screen reader" })).toBeChecked();
  await expect(rows()).toBeAttached();
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("Space");
});

test("another component has a shell of its own", async () => {
  await page.getByRole("combobox", { name: "Component" }).click();
  await page.getByRole("option", { name: "store" }).click();
  await expect(page.getByRole("region", { name: "Terminal of store" })).toBeVisible();
  await expect(state()).toHaveText("Connected");
  await type("echo in $HOSTNAME");
  await expect(rows()).toContainText("in store");
});

test("a shell that ended is started again", async () => {
  await type("exit 3");
  await expect(state()).toHaveText("The shell ended with code 3");
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(state()).toHaveText("Connected");
});

test("a workspace that stops says so, and offers to start", async () => {
  await call("post", `${path}/stop`);
  await expect(page.getByRole("heading", { name: "No shell to talk to" })).toBeVisible({ timeout: 60_000 });
  await expectAccessibleInBothThemes(page);
  await page
    .getByRole("main")
    .getByRole("button", { name: `Start ${name}` })
    .last()
    .click();
  await expect(state()).toHaveText("Connected", { timeout: 60_000 });
});

test("the browser had nothing to complain about", () => {
  // The refresh without a session is an answer, not a fault.
  expect(complaints.filter((text) => !/status of 401/.test(text))).toEqual([]);
});

async function call(method: "post" | "delete", at: string, data?: object) {
  const headers = { authorization, prefer: "wait=60" };
  const answer = await page.request[method](`/api/v1${at}`, { headers, ...(data && { data }) });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.status() === 204 ? undefined : await answer.json();
}

async function tab(label: string) {
  await page.getByRole("navigation", { name: "Workspace" }).getByRole("link", { name: label }).click();
}

const state = () => page.getByRole("region", { name: /^Terminal of/ }).getByRole("status");

const rows = () => page.locator(".xterm-rows");

/** Into whatever has the keyboard: the terminal takes it when it is connected. */
async function type(line: string) {
  await page.getByRole("textbox", { name: /^Terminal of/ }).focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}
