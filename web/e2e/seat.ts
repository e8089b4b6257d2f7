import {
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  expect,
  type Page,
} from "@playwright/test";
import { watchConsole } from "./checks.ts";
import { installation } from "./installation.ts";

/** Of everybody in these tests. */
export const password = "third lamp behind the cloister";

/** A browser of one's own. */
export interface Seat {
  context: BrowserContext;
  page: Page;
  complaints: string[];
}

export async function takeSeat(browser: Browser): Promise<Seat> {
  const context = await browser.newContext({ baseURL: installation.url });
  const page = await context.newPage();
  return { context, page, complaints: watchConsole(page).complaints };
}

/** On the sign-in page. */
export async function signIn(page: Page, login: string) {
  await page.getByLabel("Username or email").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export interface MadeWorkspace {
  id: string;
  name: string;
  status: string;
  url: string;
  routes: { id: string }[];
}

/** What a person does by the API, for flows that are about something else. */
export class Caller {
  private readonly request: APIRequestContext;
  private readonly token: string;

  private constructor(request: APIRequestContext, token: string) {
    this.request = request;
    this.token = token;
  }

  static async as(request: APIRequestContext, login: string): Promise<Caller> {
    const answer = await request.post(`${installation.url}/api/v1/auth/login`, { data: { login, password } });
    expect(answer.ok(), await answer.text()).toBe(true);
    return new Caller(request, (await answer.json()).access_token);
  }

  /** The answer to a call that has to succeed, when what it began has settled. */
  async call<T = unknown>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, data?: object) {
    const answer = await this.request.fetch(`${installation.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, prefer: "wait=60" },
      ...(data && { data }),
    });
    const text = await answer.text();
    expect(answer.ok(), `${method} ${path}: ${text}`).toBe(true);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  makeWorkspace(org: string, name: string, template = "hello") {
    return this.call<MadeWorkspace>("POST", `/orgs/${org}/workspaces`, { name, template });
  }

  show({ id }: { id: string }) {
    return this.call<MadeWorkspace>("GET", `/workspaces/${id}`);
  }

  stop({ id }: { id: string }) {
    return this.call<MadeWorkspace>("POST", `/workspaces/${id}/stop`);
  }

  start({ id }: { id: string }) {
    return this.call<MadeWorkspace>("POST", `/workspaces/${id}/start`);
  }

  destroy({ id }: { id: string }) {
    return this.call("DELETE", `/workspaces/${id}`);
  }

  showTo({ id, routes: [main] }: MadeWorkspace, visibility: string) {
    return this.call("PATCH", `/workspaces/${id}/routes/${main?.id}`, { visibility });
  }

  /** Somebody with an account, and perhaps a place in an organization. */
  async makePerson(username: string, org?: string, role?: string) {
    const email = `${username}@example.org`;
    const { id } = await this.call<{ id: string }>("POST", "/users", { username, email, password });
    if (org) await this.call("PUT", `/orgs/${org}/members/${id}`, { role });
  }
}
