import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { keys } from "./keys";
import type { Workspace } from "./types";
import { expectStatus, placeWorkspace } from "./workspaceCache";

const stopped = {
  id: "one",
  name: "shop",
  status: "stopped",
  updated_at: "2026-08-01T10:00:00.000Z",
} as Workspace;

function cache() {
  const client = new QueryClient();
  client.setQueryData(keys.workspace("one"), stopped);
  client.setQueryData(keys.workspaceList(""), {
    pages: [{ items: [stopped, { ...stopped, id: "two" }], next_cursor: null }],
    pageParams: [""],
  });
  return client;
}

function shown(client: QueryClient) {
  const list = client.getQueryData<{ pages: { items: Workspace[] }[] }>(keys.workspaceList(""));
  return {
    page: client.getQueryData<Workspace>(keys.workspace("one"))?.status,
    list: list?.pages[0]?.items.map(({ status }) => status),
  };
}

describe("a status that is expected", () => {
  it("shows wherever the workspace does, and nowhere else", () => {
    const client = cache();
    expectStatus(client, "one", "pending");
    expect(shown(client)).toEqual({ page: "pending", list: ["pending", "stopped"] });
  });

  it("goes when it is taken back", () => {
    const client = cache();
    expectStatus(client, "one", "pending")();
    expect(shown(client)).toEqual({ page: "stopped", list: ["stopped", "stopped"] });
  });

  it("gives way to what the server says, and is not taken back from that", () => {
    const client = cache();
    const takeBack = expectStatus(client, "one", "pending");
    placeWorkspace(client, { ...stopped, status: "running", updated_at: "2026-08-01T10:00:01.000Z" });
    takeBack();
    expect(shown(client)).toEqual({ page: "running", list: ["running", "stopped"] });
  });

  it("needs no page that shows the workspace alone", () => {
    const client = cache();
    client.removeQueries({ queryKey: keys.workspace("one") });
    expectStatus(client, "one", "pending");
    expect(shown(client).list).toEqual(["pending", "stopped"]);
  });

  it("is nothing for a workspace that is not shown", () => {
    const client = new QueryClient();
    expectStatus(client, "one", "pending")();
    expect(client.getQueryCache().getAll()).toEqual([]);
  });
});
