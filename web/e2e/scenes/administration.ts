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
  "admin-system": at("/admin/system"),
  "admin-system-failing": async (page) => {
    await page.route("**/readyz", (route) =>
      route.fulfill({
        status: 503,
        json: {
          status: "failing",
          parts: [
            { name: "database", status: "ok", detail: null },
            { name: "docker:local", status: "failing", detail: "connection refused (os error 111)" },
          ],
        },
      }),
    );
    await page.route("**/api/v1/hosts", async (route) => {
      const answer = await route.fetch();
      const { items, ...rest } = await answer.json();
      const reason = "cannot connect to unix:///var/run/docker.sock: connection refused";
      const unexplained = { workspaces: [], containers: 3, networks: 1, volumes: 2 };
      const lost = { status: "unreachable", status_reason: reason, cordoned: true, unexplained };
      await route.fulfill({ json: { ...rest, items: [{ ...items[0], ...lost }] } });
    });
    await page.goto("/admin/system");
    await page.getByRole("alert").waitFor();
  },
  "admin-audit": at("/admin/audit"),
  "admin-not-allowed": async (page) => {
    await withMe(page, { platform_admin: false });
    await page.goto("/admin");
  },
};
