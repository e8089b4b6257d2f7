import { describe, expect, it } from "vitest";
import type { Me, Membership, Template, Workspace } from "~/api/types";
import type { Who } from "~/features/policy";
import {
  appCommands,
  type Command,
  createCommands,
  foundCommands,
  narrow,
  organizationCommands,
  pageCommands,
  templateCommands,
  workspaceCommands,
} from "./commands";

const ada: Who = { userId: "u1", role: "developer", platformAdmin: false };
const viewer: Who = { userId: "u2", role: "viewer", platformAdmin: false };
const engineering: Membership = { id: "o1", slug: "engineering", name: "Engineering", role: "developer" };
const me = { id: "u1", platform_admin: false, organizations: [engineering] } as unknown as Me;

function workspace(change: Partial<Workspace> = {}): Workspace {
  return {
    id: "w1",
    name: "shop",
    status: "running",
    url: "http://shop.example.org",
    owner: { id: "u1", username: "ada" },
    template: { name: "hello", version: 1 },
    ...change,
  } as Workspace;
}

function template(name: string, change: Partial<Template> = {}): Template {
  return { id: name, name, display_name: "", tags: ["web"], active_version: 1, ...change } as Template;
}

const labels = (commands: readonly Command[]) => commands.map(({ label }) => label);
const refusals = (commands: readonly Command[]) =>
  Object.fromEntries(commands.map(({ label, refusal }) => [label, refusal]));

describe("commands of the workspace at hand", () => {
  it("are refused as the buttons are, with the reason", () => {
    expect(refusals(workspaceCommands(workspace(), ada))).toEqual({
      "Open shop": undefined,
      "Start shop": "It is running.",
      "Stop shop": undefined,
      "Restart shop": undefined,
      "Logs of shop": undefined,
      "Settings of shop": undefined,
    });
    expect(refusals(workspaceCommands(workspace(), viewer))["Stop shop"]).toMatch(/^Only admins and owners/);
    expect(refusals(workspaceCommands(workspace({ url: null }), ada))["Open shop"]).toBe(
      "It has no route to open.",
    );
  });

  it("include what only one state needs in that state", () => {
    expect(labels(workspaceCommands(workspace({ status: "failed" }), ada))).toContain("Retry shop");
    expect(labels(workspaceCommands(workspace({ status: "provisioning" }), ada))).toContain("Cancel shop");
    expect(labels(workspaceCommands(workspace({ status: "failed" }), viewer))).not.toContain("Retry shop");
  });

  it("are none once it is destroyed", () => {
    expect(workspaceCommands(workspace({ status: "destroyed" }), ada)).toEqual([]);
  });
});

describe("pages", () => {
  it("are those that the person has", () => {
    expect(labels(pageCommands(me, engineering))).toContain("Organization");
    expect(labels(pageCommands(me, engineering))).not.toContain("Administration");
    expect(labels(pageCommands({ ...me, platform_admin: true }, undefined))).toContain("Administration");
    expect(labels(pageCommands(me, undefined))).not.toContain("Organization");
  });
});

describe("creating", () => {
  it("is offered for each template that has a version, refused where the role does not allow it", () => {
    const templates = [
      template("hello", { display_name: "Hello" }),
      template("draft", { active_version: null }),
    ];
    const facts = { templates, current: engineering };
    expect(refusals(createCommands({ ...facts, who: ada }))).toEqual({
      "New workspace": undefined,
      "New workspace from Hello": undefined,
    });
    expect(refusals(createCommands({ ...facts, who: viewer }))["New workspace from Hello"]).toMatch(/^Only/);
    expect(
      refusals(createCommands({ templates, current: undefined, who: undefined }))["New workspace from Hello"],
    ).toBe("Join an organization first.");
  });
});

describe("what is chosen already", () => {
  it("is marked", () => {
    const current = (commands: readonly Command[]) => labels(commands.filter((each) => each.current));
    const research = { ...engineering, id: "o2", slug: "research", name: "Research" };
    expect(current(organizationCommands([engineering, research], research))).toEqual(["Switch to Research"]);
    expect(current(appCommands("dark"))).toEqual(["Dark theme"]);
  });
});

describe("narrow", () => {
  const groups = [
    { label: "Workspaces", items: foundCommands([workspace(), workspace({ id: "w2", name: "my-shop" })]) },
    {
      label: "Create",
      items: createCommands({ templates: [template("shop")], who: ada, current: engineering }),
    },
    { label: "Templates", items: templateCommands([template("shop")]) },
    { label: "Go to", items: pageCommands(me, engineering) },
    { label: "This app", items: appCommands("system") },
  ];
  const found = (query: string) => narrow(groups, query).flatMap(({ items }) => labels(items));

  it("wants every word, wherever it stands", () => {
    expect(found("SHOP")).toEqual(["shop", "my-shop", "New workspace from shop", "shop"]);
    expect(found("new shop")).toEqual(["New workspace from shop"]);
    expect(found("  theme dark ")).toEqual(["Dark theme"]);
    expect(found("zzz")).toEqual([]);
  });

  it("knows words that are not shown", () => {
    expect(found("password")).toEqual(["Security"]);
  });

  it("puts what begins with the query first", () => {
    const items = foundCommands(["my-shop", "shop"].map((name) => workspace({ id: name, name })));
    expect(labels(narrow([{ label: "", items }], "shop")[0]?.items ?? [])).toEqual(["shop", "my-shop"]);
  });

  it("shows a few of each group while nothing is sought, and drops what is empty", () => {
    const shown = narrow([...groups, { label: "Nothing", items: [] }], "");
    expect(shown.map(({ label }) => label)).not.toContain("Nothing");
    for (const { items } of shown) expect(items.length).toBeLessThanOrEqual(5);
  });
});
