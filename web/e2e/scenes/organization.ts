import { at, button, type Scenes, withMe, withMethods } from "./scene.ts";

export const organizationScenes: Scenes = {
  "org-members": at("/organizations/engineering"),
  "org-members-as-developer": async (page) => {
    await withMe(page, { platform_admin: false });
    await page.goto("/organizations/research");
  },
  "org-switcher": async (page) => {
    await page.goto("/");
    await page.getByRole("button", { name: /^Organization:/ }).click();
  },
  "org-member-menu": async (page) => {
    await page.goto("/organizations/engineering");
    await button(page, "Actions for admin").click();
  },
  "org-member-remove": async (page) => {
    await page.goto("/organizations/engineering");
    await button(page, "Actions for dev-1").click();
    await page.getByRole("menuitem", { name: "Remove from the organization" }).click();
  },
  "org-invite": async (page) => {
    await withMethods(page, { mail: false });
    await page.goto("/organizations/engineering");
    await button(page, "Invite").click();
  },
  "org-invited": async (page) => {
    await page.goto("/organizations/engineering");
    await page.route("**/invitations", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({
            json: {
              email: "dev-5@example.org",
              expires_at: new Date(Date.now() + 7 * 86_400_000).toISOString(),
              accept_url:
                "https://dev.example.org/invitations#token=Tq8xN2vLw4Zc9Q0mBvR1xKpT7uWnL2sYhJ6dGfA8eVq",
              mailed: false,
            },
          })
        : route.fallback(),
    );
    await button(page, "Invite").click();
    await page.getByLabel("Mail address").fill("dev-5@example.org");
    await page.getByRole("dialog").getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("Link", { exact: true }).waitFor();
  },
  "org-usage": at("/organizations/engineering/usage"),
  "org-quota": async (page) => {
    await page.goto("/organizations/engineering/usage");
    await button(page, "Change quota").click();
  },
  "org-variables": at("/organizations/engineering/variables"),
  "org-audit": async (page) => {
    await page.goto("/organizations/engineering/audit");
    await page.getByText("updated member").click();
  },
  "org-audit-none-match": at("/organizations/engineering/audit?q=zzz&from=2026-01-01"),
  "org-settings": at("/organizations/engineering/settings"),
  "org-delete": async (page) => {
    await page.goto("/organizations/engineering/settings");
    await button(page, "Delete").click();
    await page.getByText("Destroy its 8 workspaces too").waitFor();
  },
  "org-new": async (page) => {
    await page.goto("/organizations/new");
    await page.getByLabel("Name").fill("Platform Team");
  },
  "org-gone": async (page) => {
    await page.goto("/organizations/nowhere");
    await page.getByRole("heading", { level: 1 }).waitFor();
  },
};
