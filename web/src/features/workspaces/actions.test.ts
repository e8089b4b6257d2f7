import { describe, expect, it } from "vitest";
import type { WorkspaceStatus } from "~/api/types";
import type { Who } from "~/features/policy";
import { nextAction, refusal, type WorkspaceAction } from "./actions";

const owner = { id: "u1", username: "ada" };
const ada: Who = { userId: "u1", role: "developer", platformAdmin: false };
const grace: Who = { userId: "u2", role: "developer", platformAdmin: false };

const statuses: WorkspaceStatus[] = [
  "pending",
  "provisioning",
  "running",
  "stopping",
  "stopped",
  "failed",
  "destroying",
  "unknown",
];
const actions: WorkspaceAction[] = ["start", "stop", "restart", "renew", "retry", "cancel", "destroy"];

const may = (action: WorkspaceAction, status: WorkspaceStatus, who = ada) =>
  refusal(action, { status, owner }, who) === undefined;

describe("refusal", () => {
  it("leaves an exit from every state", () => {
    for (const status of statuses) {
      expect(
        actions.filter((action) => may(action, status)),
        status,
      ).not.toEqual([]);
    }
  });

  it("says the state as the reason", () => {
    expect(refusal("start", { status: "running", owner }, ada)).toBe("It is running.");
    expect(refusal("open", { status: "stopped", owner }, ada)).toBe("It is stopped.");
  });

  it("keeps developers to their own workspaces, and viewers to looking", () => {
    expect(may("stop", "running", grace)).toBe(false);
    expect(may("stop", "running", { ...grace, role: "admin" })).toBe(true);
    expect(may("stop", "running", { ...grace, role: undefined, platformAdmin: true })).toBe(true);
    expect(may("stop", "running", { ...ada, role: "viewer" })).toBe(false);
    expect(may("open", "running", { ...ada, role: "viewer" })).toBe(true);
  });
});

describe("nextAction", () => {
  it("never proposes what would be refused", () => {
    for (const status of statuses) {
      const action = nextAction(status);
      if (action) expect(may(action, status), `${action} when ${status}`).toBe(true);
    }
  });
});
