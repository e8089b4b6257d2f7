import { at, button, type Scenes, withMe, withMethods } from "./scene.ts";

export const administrationScenes: Scenes = {
  users: at("/admin"),
  "users-menu": async (page) => {
    await page.goto("/admin");
    await button(page, "Actions for admin").click();
  },
  "user-new": async (page) => {
    await withMethods(page, { mail: false });
    await page.goto("/admin");
    await button(page, "New user").click();
  },
  "user-link": async (page) => {
    await page.goto("/admin");
    await button(page, "Actions for dev-3").click();
    await page.getByRole("menuitem", { name: "Make a reset link" }).click();
    await button(page, "Make the link").click();
    await page.getByLabel("Link", { exact: true }).waitFor();
  },
  "user-delete-refused": async (page) => {
    await page.goto("/admin");
    await button(page, "Actions for dev-1").click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("textbox").last().fill("dev-1");
    await button(page, "Delete user").click();
    await page.getByRole("alert").waitFor();
  },
  "admin-organizations": at("/admin/organizations"),
  "admin-audit": at("/admin/audit"),
  "admin-not-allowed": async (page) => {
    await withMe(page, { platform_admin: false });
    await page.goto("/admin");
  },
};
