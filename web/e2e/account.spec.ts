import { createHmac } from "node:crypto";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { expectAccessibleInBothThemes, watchConsole } from "./checks.ts";
import { installation } from "./installation.ts";

/** A person and their account: another name, a second factor, tokens for programs, places they are signed in at. */
test.describe.configure({ mode: "serial" });

const password = "third lamp behind the cloister";

let context: BrowserContext;
let page: Page;
let complaints: string[];
let secret: string;
let codes: string[];

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext({ baseURL: installation.url });
  page = await context.newPage();
  complaints = watchConsole(page).complaints;
});

test.afterAll(async () => {
  await context.close();
});

/** RFC 6238, written here so that the server is not checked against itself. */
function totp(base32: string, step: number): string {
  let bits = "";
  for (const letter of base32)
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

let lastStep = 0;

/** A code works once: the one of the next half minute is taken where the present one is spent. */
async function freshCode(): Promise<string> {
  const now = () => Math.floor(Date.now() / 30_000);
  await expect.poll(now, { timeout: 40_000, intervals: [500] }).toBeGreaterThan(lastStep);
  lastStep = now();
  return totp(secret, lastStep);
}

async function signIn() {
  await page.getByLabel("Username or email").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signOut() {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

const dialog = (name: string | RegExp) => page.getByRole("dialog", { name });
const tab = (name: string) => page.getByRole("navigation", { name: "Account" }).getByRole("link", { name });

test("a name is given, and shown in place of the username", async () => {
  await page.goto("/account");
  await signIn();
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await page.getByLabel(/^Name/).fill("The keeper");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Account of The keeper" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Change" })).toBeDisabled();
  await expectAccessibleInBothThemes(page);
});

test("the second factor is turned on with a code of an authenticator", async () => {
  await tab("Security").click();
  await page.getByRole("button", { name: "Turn on" }).click();
  await dialog(/second factor/)
    .getByLabel("Password", { exact: true })
    .fill("wrong");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("is not your password")).toBeVisible();
  await dialog(/second factor/)
    .getByLabel("Password", { exact: true })
    .fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
  const qr = page.getByRole("img", { name: /QR code/ });
  await expect.poll(() => qr.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  secret = await page.getByLabel("Secret", { exact: true }).inputValue();
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("The six digits it shows now").fill(await freshCode());
  const kept = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(kept).toHaveCount(10);
  codes = await kept.allInnerTexts();
  await expectAccessibleInBothThemes(page);
  await expect(page.getByRole("button", { name: "Done" })).toBeDisabled();
  await page.getByRole("checkbox", { name: /I have kept them/ }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("10 of 10 are left")).toBeVisible();
});

test("signing in asks for it, and takes no code twice", async () => {
  await signOut();
  await signIn();
  await expect(page.getByRole("heading", { name: "One more thing" })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("Code").fill(totp(secret, lastStep));
  await expect(page.getByRole("alert")).toContainText("used before");
  await page.getByLabel("Code").fill(await freshCode());
  await expect(page.getByRole("button", { name: "Account of The keeper" })).toBeVisible();
});

test("a recovery code opens the door once", async () => {
  await signOut();
  await signIn();
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("button", { name: "Account of The keeper" })).toBeVisible();
  await page.goto("/account/security");
  await expect(page.getByText("9 of 10 are left")).toBeVisible();
});

test("it is turned off with both", async () => {
  await page.getByRole("button", { name: "Turn off" }).click();
  const asked = dialog(/Turn off the second factor/);
  await asked.getByLabel("Password", { exact: true }).fill(password);
  await asked.getByLabel("Code from your authenticator").fill(await freshCode());
  await expectAccessibleInBothThemes(page);
  await asked.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByRole("button", { name: "Turn on" })).toBeVisible();
});

test("a token is shown once, lets a program read, and nothing after it is deleted", async ({ request }) => {
  await tab("API tokens").click();
  await expect(page.getByRole("heading", { name: "No tokens yet" })).toBeVisible();
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("Name").fill("pipeline");
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Create token" }).click();
  const token = await page.getByLabel("Token", { exact: true }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  const list = page.getByRole("list", { name: "API tokens" });
  await expect(list).toContainText("reads only");
  await expectAccessibleInBothThemes(page);
  const headers = { authorization: `Bearer ${token}` };
  expect((await request.get(`${installation.url}/api/v1/me`, { headers })).status()).toBe(200);
  const made = await request.post(`${installation.url}/api/v1/orgs`, { headers, data: { slug: "never" } });
  expect(made.status()).toBe(403);
  await page.getByRole("button", { name: "Delete pipeline" }).click();
  await page.getByRole("button", { name: "Delete token" }).click();
  await expect(page.getByRole("heading", { name: "No tokens yet" })).toBeVisible();
  expect((await request.get(`${installation.url}/api/v1/me`, { headers })).status()).toBe(401);
});

test("a device is let in by the code it shows", async ({ request }) => {
  const asked = await request.post(`${installation.url}/api/v1/auth/device`, {
    data: { client_name: "a command line" },
  });
  expect(asked.ok()).toBe(true);
  const { user_code, device_code } = (await asked.json()) as { user_code: string; device_code: string };
  await page.goto("/device");
  await expectAccessibleInBothThemes(page);
  await page.getByLabel("Code").fill(user_code.toLowerCase().replace("-", " "));
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("a command line")).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page.getByRole("heading", { name: "The device is connected" })).toBeVisible();
  const answered = await request.post(`${installation.url}/api/v1/auth/device/token`, {
    data: { device_code },
  });
  expect(answered.status()).toBe(200);
  await page.goto("/device?user_code=BCDF-GHJK");
  await expect(page.getByText("No device waits")).toBeVisible();
});

test("another place is seen, and signed out from here", async ({ browser }) => {
  const elsewhere = await browser.newContext({ baseURL: installation.url });
  const other = await elsewhere.newPage();
  await other.goto("/");
  await other.getByLabel("Username or email").fill("ada");
  await other.getByLabel("Password", { exact: true }).fill(password);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();
  await page.goto("/account");
  await tab("Sessions").click();
  const sessions = page.getByRole("list", { name: "Sessions" }).getByRole("listitem");
  await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
  await expect(sessions).not.toHaveCount(1);
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Sign out all others" }).click();
  await expect(sessions).toHaveCount(1);
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await elsewhere.close();
});

test("the browser had nothing to complain about", () => {
  // Refusals that these tests provoke, and the refresh without a session, are answers, not faults.
  const provoked = /status of (401|403|404|409|410|422)/;
  expect(complaints.filter((text) => !provoked.test(text))).toEqual([]);
});
