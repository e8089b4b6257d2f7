import type { Page } from "@playwright/test";
import { at, button, type Scenes, withMe } from "./scene.ts";

async function beginTwoFactor(page: Page) {
  await page.goto("/account/security");
  await button(page, "Turn on").click();
  await page.getByRole("dialog").getByLabel("Password", { exact: true }).fill("a password");
  await button(page, "Continue").click();
  await page.getByRole("img", { name: /QR code/ }).waitFor();
}

export const accountScenes: Scenes = {
  "invitation-mine": async (page) => {
    await page.goto("/invitations#token=mine");
    await button(page, "Join as admin").waitFor();
  },
  "invitation-somebody-else": async (page) => {
    await page.goto("/invitations#token=other");
    await page.getByText("you are signed in as").waitFor();
  },
  device: at("/device"),
  "device-unknown": async (page) => {
    await page.goto("/device?user_code=0000-0000");
    await page.getByText("No device waits").waitFor();
  },
  "device-question": async (page) => {
    await page.goto("/device?user_code=wdjb-mjht");
    await button(page, "Approve").waitFor();
  },
  "device-approved": async (page) => {
    await page.goto("/device?user_code=wdjb-mjht");
    await button(page, "Approve").click();
    await page.getByRole("heading", { name: "The device is connected" }).waitFor();
  },
  "address-refused": async (page) => {
    await page.goto("/open?to=http%3A%2F%2Fshop-abcdefgh.localhost%2F&knock=ab");
    await page.getByRole("heading", { name: "This is not open to you" }).waitFor();
  },
  account: at("/account"),
  "account-email-pending": async (page) => {
    await withMe(page, { pending_email: "new-admin@example.org" });
    await page.goto("/account");
  },
  "account-email-change": async (page) => {
    await page.goto("/account");
    await button(page, "Change").click();
  },
  security: at("/account/security"),
  "security-not-connected": async (page) => {
    await page.goto("/account/security");
    await button(page, "Connect Google").click();
    await page.getByText("It belongs to another account here.").waitFor();
  },
  "security-two-factor-on": async (page) => {
    await withMe(page, { totp_enabled: true, recovery_codes_left: 2 });
    await page.goto("/account/security");
  },
  "security-password": async (page) => {
    await page.goto("/account/security");
    await button(page, "Change").click();
    await page.getByLabel("Current password", { exact: true }).fill("wrong");
    await page.getByLabel("New password", { exact: true }).fill("a better password");
    await button(page, "Change password").click();
    await page.getByText("is not your password").waitFor();
  },
  "security-scan": (page) => beginTwoFactor(page),
  "security-codes": async (page) => {
    await beginTwoFactor(page);
    await page.route("**/api/v1/me/totp/confirm", (route) =>
      route.fulfill({
        json: { recovery_codes: Array.from({ length: 10 }, (_, n) => `a7f${n}-93kd-0q2${n}`) },
      }),
    );
    await page.getByLabel("The six digits it shows now").fill("123456");
    await page.getByRole("heading", { name: "Keep these recovery codes" }).waitFor();
  },
  "security-turn-off": async (page) => {
    await withMe(page, { totp_enabled: true, recovery_codes_left: 8 });
    await page.goto("/account/security");
    await button(page, "Turn off").click();
  },
  sessions: at("/account/sessions"),
  tokens: at("/account/tokens"),
  "tokens-empty": async (page) => {
    await page.route("**/api/v1/me/tokens", (route) =>
      route.fulfill({ json: { items: [], next_cursor: null } }),
    );
    await page.goto("/account/tokens");
  },
  "token-new": async (page) => {
    await page.goto("/account/tokens");
    await button(page, "New token").click();
  },
  "token-secret": async (page) => {
    await page.goto("/account/tokens");
    await page.route("**/api/v1/me/tokens", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({
            json: { name: "pipeline", secret: "dvs_4Zc9Q0mBvR1xKpT7uWnL2sYhJ6dGfA8eVq3iObXjN5k" },
          })
        : route.fallback(),
    );
    await button(page, "New token").click();
    await page.getByLabel("Name").fill("pipeline");
    await button(page, "Create token").click();
    await page.getByRole("heading", { name: "pipeline is ready" }).waitFor();
  },
  "ssh-keys": at("/account/ssh-keys"),
  "ssh-key-new": async (page) => {
    await page.goto("/account/ssh-keys");
    await button(page, "Add key").click();
    await page.getByLabel("Public key").fill("-----BEGIN OPENSSH PRIVATE KEY-----");
  },
  variables: at("/account/variables"),
  "variable-new": async (page) => {
    await page.goto("/account/variables");
    await button(page, "New variable").click();
    await page.getByLabel("Name").fill("MY-TOKEN");
  },
};
