import type { Page, WebSocketRoute } from "@playwright/test";
import { at, byName, type Scenes, withMe } from "./scene.ts";

async function openWorkspace(page: Page, name: string, tab?: string) {
  await page.goto("/");
  await byName(page, name).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  if (tab) await byName(page, tab).click();
}

/** What a shell shows, without one. */
function shell(line: WebSocketRoute) {
  line.send(JSON.stringify({ type: "session", id: "mock", resumed: false, component: "web-ui" }));
  const prompt = "\u001b[32mdev@web-ui\u001b[0m:\u001b[34m~/shop\u001b[0m$ ";
  const screen = [
    `${prompt}echo $((6*7))`,
    "42",
    `${prompt}git status --short`,
    "\u001b[31m M\u001b[0m src/cart.ts",
    "\u001b[38;2;201;120;20m??\u001b[0m src/discount.ts",
    prompt,
  ];
  line.send(Buffer.from(screen.join("\r\n")));
}

const lists = "**/api/v1/workspaces?*";

/** A shop of its own name: what is suggested may be taken by an earlier look. */
async function createShop(page: Page) {
  const name = `shop-${Date.now().toString(36)}`;
  await page.goto("/catalog");
  await byName(page, "Shop").click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("textbox", { name: "title" }).fill("Shop");
  await page.getByRole("button", { name: "Create workspace" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return name;
}

/** By the page that a visitor of its address is sent to, whose browser stays here. */
async function openAddressOf(page: Page, name: string) {
  const answer = page.waitForResponse(lists);
  await page.goto("/");
  const { items } = (await (await answer).json()) as { items: { name: string; url: string }[] };
  const url = items.find((each) => each.name === name)?.url;
  await page.goto(`/open?to=${encodeURIComponent(`${url}docs?page=2`)}`);
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

export const workspaceScenes: Scenes = {
  "workspaces-loading": async (page) => {
    await page.route(lists, () => undefined);
    await page.goto("/");
  },
  "workspaces-empty": async (page) => {
    await page.route(lists, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
    await page.goto("/");
    await page.getByRole("heading", { name: "No workspaces yet" }).waitFor();
  },
  "workspaces-error": async (page) => {
    const problem = { title: "Internal", status: 422, code: "internal", request_id: "0199-7c1e", errors: [] };
    const detail = "The database does not answer. It is tried again by itself.";
    await page.route(lists, (route) =>
      route.fulfill({ status: 422, contentType: "application/problem+json", json: { ...problem, detail } }),
    );
    await page.goto("/");
    await page.getByRole("button", { name: "Try again" }).waitFor();
  },
  "workspaces-stale": async (page) => {
    await page.route("**/api/v1/events", (route) => route.abort());
    await page.goto("/");
    await page.getByText("Live updates are interrupted").waitFor();
  },
  gone: async (page) => {
    await page.goto("/workspaces/0199-none");
    await page.getByRole("heading", { level: 1 }).waitFor();
  },
  workspaces: at("/"),
  "workspaces-table": at("/?view=table"),
  "workspaces-selecting": async (page) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Star quiet-harbor" }).click();
    await page.getByRole("button", { name: "Select several" }).click();
    for (const name of ["quiet-harbor", "checkout-redesign", "fail-billing"])
      await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    await page.evaluate(() => scrollTo(0, 0));
  },
  "workspaces-destroy": async (page) => {
    await page.goto("/?view=table");
    await page.getByRole("button", { name: "Select several" }).click();
    await page.getByRole("button", { name: "Select all shown" }).click();
    await page.getByRole("button", { name: /^Destroy [0-9]/ }).click();
    await page.getByRole("dialog").waitFor();
  },
  "workspaces-none-match": at("/?q=zzz"),
  catalog: at("/catalog"),
  create: async (page) => {
    await page.goto("/catalog");
    await byName(page, "Shop").click();
    await page.getByRole("button", { name: "Add a variable" }).click();
    await page.getByRole("group", { name: "Variables" }).getByLabel("Name").fill("PATH");
    await page.getByRole("button", { name: "Create workspace" }).click();
  },
  overview: (page) => openWorkspace(page, "checkout-redesign"),
  failed: (page) => openWorkspace(page, "fail-billing"),
  unknown: (page) => openWorkspace(page, "lantern-lab"),
  deployments: (page) => openWorkspace(page, "checkout-redesign", "Deployments"),
  logs: (page) => openWorkspace(page, "checkout-redesign", "Logs"),
  terminal: async (page) => {
    await page.routeWebSocket("**/terminal?*", shell);
    await openWorkspace(page, "checkout-redesign", "Terminal");
    await page.getByText("Connected", { exact: true }).waitFor();
    await page.getByText("42").waitFor();
  },
  "terminal-ended": async (page) => {
    await page.routeWebSocket("**/terminal?*", (line) => {
      shell(line);
      line.send(JSON.stringify({ type: "exit", code: 3 }));
    });
    await openWorkspace(page, "checkout-redesign", "Terminal");
    await page.getByRole("button", { name: "Start again" }).waitFor();
  },
  "terminal-stopped": async (page) => {
    await openWorkspace(page, "quiet-harbor", "Terminal");
    await page.getByRole("heading", { name: "No shell to talk to" }).waitFor();
  },
  metrics: async (page) => {
    await openWorkspace(page, "checkout-redesign", "Metrics");
    await page.waitForTimeout(8000);
  },
  routes: (page) => openWorkspace(page, "checkout-redesign", "Routes"),
  domains: async (page) => {
    await openWorkspace(page, "checkout-redesign", "Routes");
    await page.getByRole("button", { name: /domain.* of checkout/ }).click();
    for (const host of ["shop.example.com", "example.net"]) {
      // Of an earlier look there may be some.
      if (await page.getByRole("button", { name: `Remove ${host}` }).isVisible()) continue;
      await page.getByRole("textbox", { name: "Domain" }).fill(host);
      await page.getByRole("button", { name: "Add domain", exact: true }).click();
      await page.getByRole("button", { name: `Check ${host} now` }).click();
      await page.getByText(`no TXT record at _devsanctum-challenge.${host}`).waitFor();
    }
    const check = page.getByRole("button", { name: "Check example.net now" });
    if (await check.isVisible()) await check.click();
    await page.getByRole("link", { name: "example.net" }).waitFor();
  },
  settings: (page) => openWorkspace(page, "checkout-redesign", "Settings"),
  "workspace-variable-new": async (page) => {
    await openWorkspace(page, "checkout-redesign", "Settings");
    await page.getByRole("button", { name: "New variable" }).click();
    await page.getByLabel("Name").fill("PATH");
  },
  "workspace-update": async (page) => {
    await openWorkspace(page, "checkout-redesign", "Settings");
    await page.getByRole("button", { name: "Update workspace" }).click();
  },
  destroy: async (page) => {
    await openWorkspace(page, "checkout-redesign", "Settings");
    await page.getByRole("button", { name: "Destroy" }).click();
  },
  palette: async (page) => {
    await openWorkspace(page, "checkout-redesign");
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("combobox", { name: "Search, jump and command" }).fill("start");
    await page.getByRole("option", { name: /^Start checkout/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Start checkout-redesign: It is running.").waitFor();
    await page.getByRole("combobox").fill("");
  },
  shortcuts: async (page) => {
    await page.goto("/");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  },
  templates: at("/templates"),
  template: async (page) => {
    await page.goto("/templates");
    await byName(page, "Billing service").click();
  },
  "template-problems": async (page) => {
    await page.goto("/templates/new");
    const text = page.getByRole("textbox", { name: "Manifest" });
    await text.fill((await text.inputValue()).replace("8080", "99999").replace("[database]", "[datbase]"));
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByRole("list", { name: "Problems" }).waitFor();
  },
  "account-menu": async (page) => {
    await page.goto("/");
    await page.getByRole("button", { name: /^Account of/ }).click();
  },
  "not-found": at("/nowhere"),
  provisioning: async (page) => {
    await createShop(page);
    await page.getByText("Wait for health").first().waitFor();
    await page.waitForTimeout(4500);
  },
  "address-stopped": async (page) => {
    await openAddressOf(page, "quiet-harbor");
    await page.getByRole("button", { name: "Start and open" }).waitFor();
  },
  "address-failed": async (page) => {
    await openAddressOf(page, "fail-billing");
    await page.getByRole("button", { name: "Start and open" }).waitFor();
  },
  "address-not-mine-to-start": async (page) => {
    await withMe(page, { id: "0199-somebody-else", platform_admin: false, organizations: [] });
    await openAddressOf(page, "quiet-harbor");
    await page.getByText("ask them to start it").waitFor();
  },
  "address-starting": async (page) => {
    await openAddressOf(page, await createShop(page));
    await page.getByText("Wait for health").first().waitFor();
  },
};
