import { readFileSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  chromium as engine,
  expect,
  type Page,
  test,
} from "@playwright/test";
import { chromium } from "./browser.ts";
import { admin, type Secure, startSecure } from "./tls.ts";

/**
 * What a page of one workspace can do to another workspace and to the app, in a real browser over real TLS: nothing. All
 * three are one site, and the attacker's page is whatever it likes to be.
 */
test.describe.configure({ mode: "serial" });

const grace = { email: "grace@example.org", username: "grace", password: "fourth lamp before the refectory" };

let secure: Secure;
let browser: Browser;
/** Somebody who is signed in, with her own private workspace open in one page and the attacker's in another. */
let person: BrowserContext;
let app: Page;
let own: Page;
let attacker: Page;
/** Origins. */
let ownUrl: string;
let attackerUrl: string;
let workspaces: string[];
let token: string;
let graceToken: string;
/** How she came in. */
let entrance: string;

interface Workspace {
  id: string;
  status: string;
  routes: { host: string; url: string }[];
}

interface Visit {
  path: string;
  method: string;
  origin?: string;
  cookie: string;
}

async function signIn(login: string, password: string): Promise<string> {
  const session = await secure.call<{ access_token: string }>("POST", "/auth/login", {
    body: { login, password },
  });
  return session.access_token;
}

async function workspace(name: string, visibility: string): Promise<Workspace> {
  const source = readFileSync(new URL("component.cjs", import.meta.url), "utf8");
  const component = { name: "web", type: "frontend", port: 8080, image: "node:22-slim", visibility };
  const run = { command: ["node", "-e", source], env: { WHO: name } };
  const manifest = { appName: name, components: [{ ...component, ...run }] };
  const template = { name, source: { kind: "manifest", manifest } };
  await secure.call("POST", "/orgs/ada/templates", { token, body: template });
  const body = { name, template: name };
  const made = await secure.call<Workspace>("POST", "/orgs/ada/workspaces", { token, body });
  expect(made.status).toBe("running");
  return made;
}

test.beforeAll(async () => {
  test.setTimeout(180_000);
  secure = await startSecure();
  token = await signIn(admin.login, admin.password);
  const [mine, theirs] = await Promise.all([workspace("own", "private"), workspace("attacker", "public")]);
  workspaces = [mine.id, theirs.id];
  ownUrl = `https://${mine.routes[0]?.host}:${new URL(secure.url).port}`;
  attackerUrl = `https://${theirs.routes[0]?.host}:${new URL(secure.url).port}`;
  const { launchOptions } = chromium;
  browser = await engine.launch({ ...launchOptions, args: [...launchOptions.args, ...secure.chromiumArgs] });
  person = await browser.newContext({ baseURL: secure.url });
  [app, own, attacker] = [await person.newPage(), await person.newPage(), await person.newPage()];
});

test.afterAll(async () => {
  await browser?.close();
  for (const id of workspaces ?? []) await secure.call("DELETE", `/workspaces/${id}`, { token });
  await secure?.end();
});

/** Who has been at the component of her own workspace, besides herself now. */
async function visits(): Promise<Visit[]> {
  return own.evaluate(async () => (await fetch("/visits")).json());
}

/** Runs the attack, and expects that nothing of it arrived at her own workspace. */
async function expectNoVisit(attack: () => Promise<unknown>) {
  const before = await visits();
  await attack();
  expect(await visits()).toEqual(before);
}

/** The status that the browser, not the page, gets as an answer to the attack. Of most, pages are told nothing. */
async function statusOf(page: Page, url: string, attack: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const asked = new Set<string>();
  const answered = new Map<string, number>();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (request.url === url) asked.add(requestId);
  });
  session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
    answered.set(requestId, statusCode);
  });
  await session.send("Network.enable");
  const status = () => [...asked].map((id) => answered.get(id)).find((status) => status !== undefined);
  await attack();
  await expect.poll(status, url).toBeDefined();
  await session.detach();
  return status() ?? 0;
}

/** She is still signed in to the app, and her workspace is still open to her. */
async function expectNothingLost() {
  await app.reload();
  await expect(app.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();
  expect((await own.reload())?.status()).toBe(200);
  await expect(own.getByRole("heading", { name: "own" })).toBeVisible();
}

/** In a page that may be anybody's: how a WebSocket or a stream ends, and what it said first. */
function socket(page: Page | import("@playwright/test").Frame, url: string): Promise<string> {
  return page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.onmessage = ({ data }) => resolve(String(data));
        socket.onclose = () => resolve("closed");
      }),
    url,
  );
}

function stream(page: Page | import("@playwright/test").Frame, url: string): Promise<string> {
  return page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const events = new EventSource(url, { withCredentials: true });
        events.onmessage = ({ data }) => resolve(String(data));
        events.onerror = () => {
          events.close();
          resolve("closed");
        };
      }),
    url,
  );
}

const wss = (url: string, path: string) => `${url.replace("https:", "wss:")}${path}`;

test("a person signs in and opens a workspace, each with a cookie of its own host", async () => {
  const entered = own.waitForRequest((request) => request.url().startsWith(`${ownUrl}/.devsanctum/enter`));
  await own.goto(`${ownUrl}/a?b=c`);
  await own.getByLabel("Username or email").fill(admin.login);
  await own.getByLabel("Password", { exact: true }).fill(admin.password);
  await own.getByRole("button", { name: "Sign in", exact: true }).click();
  entrance = (await entered).url();
  await own.waitForURL(`${ownUrl}/a?b=c`);
  await attacker.goto(`${attackerUrl}/`);
  await app.goto("/");
  await expect(app.getByRole("heading", { level: 1, name: "Workspaces" })).toBeVisible();

  const cookies = (await person.cookies()).map(({ name, domain, path, httpOnly, secure, sameSite }) => ({
    ...{ name, domain, path, httpOnly, secure, sameSite },
  }));
  cookies.sort((one, other) => one.name.localeCompare(other.name));
  const ours = { path: "/", httpOnly: true, secure: true };
  expect(cookies).toEqual([
    { name: "__Host-devsanctum_pass", domain: new URL(ownUrl).hostname, sameSite: "Lax", ...ours },
    { name: "__Host-devsanctum_refresh", domain: new URL(secure.url).hostname, sameSite: "Strict", ...ours },
  ]);
});

test("no script reads a cookie of ours, and no component gets one", async () => {
  for (const page of [app, own, attacker]) expect(await page.evaluate(() => document.cookie)).toBe("");
  for (const page of [own, attacker]) {
    const echo = await page.evaluate(async () => (await fetch("/echo")).text());
    const heard = await socket(page, wss(page === own ? ownUrl : attackerUrl, "/socket"));
    const streamed = await stream(page, "/events");
    for (const seen of [echo, heard, streamed]) {
      expect(JSON.parse(seen)).not.toHaveProperty("cookie");
      expect(seen).not.toContain("devsanctum");
    }
  }
  expect(await visits()).toContainEqual({ path: "/a?b=c", method: "GET", cookie: "" });
});

test("requests with credentials from a sibling's page reach neither the app nor the workspace", async () => {
  await expectNoVisit(async () => {
    for (const mode of ["cors", "no-cors"] as const) {
      for (const method of ["GET", "POST"]) {
        const url = `${ownUrl}/echo?${mode}${method}`;
        const attack = () =>
          attacker.evaluate(
            ([url, mode, method]) =>
              fetch(url, { method, mode: mode as RequestMode, credentials: "include" }).catch(() => {}),
            [url, mode, method] as const,
          );
        expect(await statusOf(attacker, url, attack), `${method} ${mode}`).toBe(401);
      }
    }
  });
  for (const [path, status] of [
    ["/api/v1/auth/refresh", 403],
    ["/api/v1/auth/logout", 403],
  ] as const) {
    const url = `${secure.url}${path}`;
    const attack = () =>
      attacker.evaluate(
        (url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => {}),
        url,
      );
    expect(await statusOf(attacker, url, attack), path).toBe(status);
  }
  const me = `${secure.url}/api/v1/me`;
  const read = () => attacker.evaluate((url) => fetch(url, { mode: "no-cors", credentials: "include" }), me);
  expect(await statusOf(attacker, me, read)).toBe(401);
  const readable = await attacker.evaluate(
    (url) =>
      fetch(url, { credentials: "include" }).then(
        () => true,
        () => false,
      ),
    me,
  );
  expect(readable).toBe(false);
  await expectNothingLost();
});

test("sockets and streams open for a workspace's own page and for no other", async () => {
  expect(JSON.parse(await socket(own, wss(ownUrl, "/socket")))).toHaveProperty("upgrade");
  expect(JSON.parse(await stream(own, `${ownUrl}/events`))).toHaveProperty("accept", "text/event-stream");

  const foreign = await person.newPage();
  await foreign.route("https://foreign.example/", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>foreign</title>" }),
  );
  await foreign.goto("https://foreign.example/");
  await attacker.evaluate(() => {
    const frame = document.createElement("iframe");
    frame.sandbox.add("allow-scripts");
    frame.srcdoc = "<!doctype html><title>null</title>";
    document.body.append(frame);
  });
  await expect.poll(() => attacker.frames().length).toBe(2);
  const nobody = attacker.frames()[1];
  if (!nobody) throw new Error("there is no frame");
  expect(await nobody.evaluate(() => origin)).toBe("null");
  await expectNoVisit(async () => {
    for (const page of [attacker, foreign, nobody]) {
      expect(await socket(page, wss(ownUrl, "/socket"))).toBe("closed");
      expect(await stream(page, `${ownUrl}/events`)).toBe("closed");
      expect(await socket(page, wss(secure.url, "/api/v1/events"))).toBe("closed");
      expect(await stream(page, `${secure.url}/api/v1/events`)).toBe("closed");
    }
  });
  await foreign.close();
});

test("a form sent from a sibling's page does nothing", async () => {
  const targets = [
    { url: `${ownUrl}/orders`, status: 401 },
    { url: `${secure.url}/api/v1/auth/logout`, status: 403 },
    { url: `${secure.url}/api/v1/auth/refresh`, status: 403 },
    { url: `${secure.url}/api/v1/orgs`, status: 401 },
  ];
  await expectNoVisit(async () => {
    for (const { url, status } of targets) {
      const page = await person.newPage();
      await page.goto(`${attackerUrl}/`);
      const attack = () =>
        page.evaluate((url) => {
          const form = document.createElement("form");
          Object.assign(form, { action: url, method: "post", enctype: "text/plain" });
          document.body.append(form);
          form.submit();
        }, url);
      expect(await statusOf(page, url, attack), url).toBe(status);
      await page.close();
    }
  });
  await expectNothingLost();
});

test("cookies that a sibling plants for all of the site change nothing", async () => {
  const before = await person.cookies();
  const domains = [secure.domain.replace(/:.*/, ""), new URL(secure.url).hostname.replace(/^[^.]+\./, "")];
  for (const domain of domains) {
    for (const name of ["devsanctum_pass", "devsanctum_refresh", "devsanctum_knock"]) {
      for (const prefix of ["", "__Host-", "__Secure-"]) {
        const cookie = `${prefix}${name}=planted; Domain=${domain}; Path=/; Secure`;
        const planted = { name: `${prefix}${name}`, value: "planted", domain, path: "/" };
        await attacker.evaluate((cookie) => cookieStore.set(cookie).catch(() => {}), planted);
        await attacker.evaluate((url) => fetch(url), `/?set-set-cookie=${encodeURIComponent(cookie)}`);
      }
    }
  }
  const after = await person.cookies();
  expect(after.length, "the browser takes some of them: the test tries something").toBeGreaterThan(
    before.length,
  );
  for (const cookie of before) {
    expect(after.filter(({ name }) => name === cookie.name)).toEqual([cookie]);
  }
  await expectNothingLost();
  const echo = await own.evaluate(async () => (await fetch("/echo")).text());
  expect(echo).not.toContain("devsanctum");
});

test("a sibling cannot have everything cleared", async () => {
  const before = await person.cookies();
  const answer = await attacker.goto(`${attackerUrl}/?set-clear-site-data=${encodeURIComponent('"*"')}`);
  expect(answer?.headers()).not.toHaveProperty("clear-site-data");
  expect(await person.cookies()).toEqual(before);
  await expectNothingLost();
});

test("neither the app nor another's workspace shows inside of a sibling's page", async () => {
  await attacker.goto(`${attackerUrl}/`);
  await expectNoVisit(async () => {
    for (const url of [`${secure.url}/`, `${ownUrl}/framed`, `${secure.url}/open?to=${ownUrl}`]) {
      await attacker.evaluate(
        (url) =>
          new Promise((resolve) => {
            const frame = document.createElement("iframe");
            frame.onload = resolve;
            frame.src = url;
            document.body.append(frame);
          }),
        url,
      );
    }
    const shown = attacker.frames().slice(1);
    expect(shown.map((frame) => frame.url())).toEqual(Array(3).fill("chrome-error://chromewebdata/"));
  });
  // What a workspace shows inside of its own page is its own affair.
  await own.evaluate(
    () =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.onload = resolve;
        frame.src = "/framed";
        document.body.append(frame);
      }),
  );
  expect(await visits()).toContainEqual({ path: "/framed", method: "GET", cookie: "" });
});

test("the way in leads to addresses of ours alone", async () => {
  const page = await person.newPage();
  const host = secure.domain;
  for (const to of [
    "https://foreign.example/",
    "//foreign.example/",
    `https://${host}.foreign.example/`,
    `https://foreign.example/.${host}/`,
    `https://a.${host}@foreign.example/`,
    `https://foreign.example\\.${host}/`,
    `http://a.${host}/`,
    "javascript:alert(document.domain)",
    "data:text/html,hello",
  ]) {
    await page.goto(`/open?to=${encodeURIComponent(to)}`);
    await expect(page.getByRole("heading", { name: "No workspace lives here" }), to).toBeVisible();
    expect(new URL(page.url()).origin).toBe(secure.url);
  }
  await page.close();
});

test("a service worker of one workspace serves that one alone", async () => {
  await attacker.goto(`${attackerUrl}/`);
  await attacker.evaluate(async () => {
    await navigator.serviceWorker.register("/worker.js", { scope: "/" });
    await navigator.serviceWorker.ready;
  });
  await attacker.goto(`${attackerUrl}/again`);
  await expect(attacker.locator("body")).toHaveText("from the worker");
  await expectNothingLost();
  for (const page of [own, app]) {
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    const registered = await page.evaluate(
      async () => (await navigator.serviceWorker.getRegistrations()).length,
    );
    expect(registered).toBe(0);
  }
  const across = await attacker.evaluate(
    (scope) =>
      navigator.serviceWorker.register("/worker.js", { scope }).then(
        () => "registered",
        (error: Error) => error.name,
      ),
    `${ownUrl}/`,
  );
  expect(across).not.toBe("registered");
  await attacker.evaluate(async () => {
    for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
  });
});

test("a ticket opens once, and in no other browser", async () => {
  const elsewhere = await browser.newContext();
  const thief = await elsewhere.newPage();
  expect((await thief.goto(entrance))?.status()).toBe(400);
  expect(await elsewhere.cookies()).toEqual([]);
  await elsewhere.close();

  // Nor again in hers, when she has left.
  await person.clearCookies({ name: "__Host-devsanctum_pass" });
  const page = await person.newPage();
  expect((await page.goto(entrance))?.status()).toBe(400);
  expect((await person.cookies()).map(({ name }) => name)).not.toContain("__Host-devsanctum_pass");
  await page.close();
  await own.goto(`${ownUrl}/back`);
  await expect(own.getByRole("heading", { name: "own" })).toBeVisible();
});

test("nobody is made to visit as somebody else", async () => {
  await secure.call("POST", "/auth/register", { body: grace });
  graceToken = await signIn(grace.username, grace.password);
  // Grace has a ticket of her own for a workspace that all who are signed in may open, and gives its link away.
  const [, theirs = ""] = workspaces;
  const route = { app: "inside", component: "web", port: 8080, visibility: "authenticated" };
  const made = await secure.call<{ host: string }>("POST", `/workspaces/${theirs}/routes`, {
    token,
    body: route,
  });
  const inside = `https://${made.host}:${new URL(secure.url).port}`;
  const ticket = await secure.call<{ url: string }>("POST", "/tickets", {
    token: graceToken,
    body: { for: `${inside}/` },
  });
  const victim = await person.newPage();
  const answer = await victim.goto(`${ticket.url}&knock=0123456789abcdef0123456789abcdef`);
  expect(answer?.status()).toBe(400);
  expect(await person.cookies(inside)).not.toContainEqual(
    expect.objectContaining({ name: "__Host-devsanctum_pass" }),
  );
  // By herself she comes in as herself.
  await victim.goto(`${inside}/`);
  await expect(victim.getByRole("heading", { name: "attacker" })).toBeVisible();
  await victim.close();
});
