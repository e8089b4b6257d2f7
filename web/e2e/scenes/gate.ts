import { expect, type Page } from "@playwright/test";
import { at, button, type Scenes, withMethods } from "./scene.ts";

async function signInAs(page: Page, login: string, password = "a password") {
  await page.goto("/sign-in");
  await page.getByLabel("Username or email").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign in").click();
}

export const gateScenes: Scenes = {
  "sign-in": at("/sign-in"),
  "sign-in-password-only": async (page) => {
    await withMethods(page, { providers: [], registration: true });
    await page.goto("/sign-in");
  },
  "sign-in-wrong": async (page) => {
    await signInAs(page, "admin", "wrong");
    await page.getByRole("alert").waitFor();
  },
  "sign-in-suspended": async (page) => {
    await signInAs(page, "suspended");
    await page.getByText("This account is suspended").waitFor();
  },
  "sign-in-code": async (page) => {
    await signInAs(page, "totp");
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("alert").waitFor();
  },
  "sign-in-recovery": async (page) => {
    await signInAs(page, "totp");
    await button(page, "Use a recovery code").click();
  },
  "sign-in-provider-refused": at("/sign-in?error=email_not_verified"),
  setup: async (page) => {
    await withMethods(page, { setup_required: true });
    await page.goto("/setup");
  },
  register: async (page) => {
    await withMethods(page, { registration: true });
    await page.goto("/register");
  },
  "forgot-password": at("/forgot-password"),
  "forgot-password-sent": async (page) => {
    await page.goto("/forgot-password");
    await page.getByLabel("Email").fill("dev-1@example.org");
    await button(page, "Send the link").click();
    await page.getByText("Look into your mailbox").waitFor();
  },
  "forgot-password-no-mail": async (page) => {
    await withMethods(page, { mail: false });
    await page.goto("/forgot-password");
  },
  "reset-password": async (page) => {
    await page.goto("/reset-password#token=fresh");
    await page.getByLabel("New password").waitFor();
    await expect(page).toHaveURL(/\/reset-password$/);
  },
  "reset-password-old": async (page) => {
    await page.goto("/reset-password#token=old");
    await page.getByLabel("New password").fill("a better password");
    await button(page, "Change the password").click();
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  },
  "reset-password-done": async (page) => {
    await page.goto("/reset-password#token=fresh");
    await page.getByLabel("New password").fill("a better password");
    await button(page, "Change the password").click();
    await page.getByRole("heading", { name: "Your password is changed" }).waitFor();
  },
  "confirm-email": async (page) => {
    await page.goto("/confirm-email#token=fresh");
    await button(page, "Confirm this address").waitFor();
    await expect(page).toHaveURL(/\/confirm-email$/);
  },
  "invitation-new": async (page) => {
    await page.goto("/invitations#token=new");
    await button(page, "Create account and join").waitFor();
    await expect(page).toHaveURL(/\/invitations$/);
  },
  "invitation-known": async (page) => {
    await page.goto("/invitations#token=known");
    await button(page, "Sign in and join").waitFor();
  },
  "invitation-old": async (page) => {
    await page.goto("/invitations#token=old");
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  },
};
