import { describe, expect, it } from "vitest";
import type { Workspace, WorkspaceStatus } from "~/api/types";
import type { Who } from "~/features/policy";
import { forEach, leftOutWords, planFor, planRefusal } from "./bulk";

const whoIn = (): Who => ({ userId: "u1", role: "developer", platformAdmin: false });

function workspace(name: string, status: WorkspaceStatus, owner = "u1"): Workspace {
  return { id: name, name, status, org_id: "o1", owner: { id: owner, username: owner } } as Workspace;
}

const names = (workspaces: readonly Workspace[]) => workspaces.map(({ name }) => name);

describe("a plan", () => {
  const selected = [workspace("a", "stopped"), workspace("b", "running"), workspace("c", "stopped", "u2")];

  it("holds those that allow it, and says of the others why not", () => {
    const plan = planFor("start", selected, whoIn);
    expect(names(plan.able)).toEqual(["a"]);
    expect(leftOutWords(plan)).toEqual([
      "b (It is running)",
      "c (Only admins and owners of this organization may do this)",
    ]);
    expect(planRefusal(plan)).toBeUndefined();
  });

  it("is refused where it would do nothing", () => {
    expect(planRefusal(planFor("stop", [], whoIn))).toBe("Select workspaces first.");
    expect(planRefusal(planFor("start", [workspace("b", "running")], whoIn))).toBe("It is running.");
    expect(
      planRefusal(planFor("start", [workspace("b", "running"), workspace("d", "destroying")], whoIn)),
    ).toBe("None of the selected allows it now.");
  });
});

describe("forEach", () => {
  it("does it to all, a few at a time, and names what failed", async () => {
    let now = 0;
    let most = 0;
    const done: number[] = [];
    const items = Array.from({ length: 20 }, (_, n) => n);
    const failed = await forEach(items, async (n) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      if (n === 7) throw new Error("refused");
      done.push(n);
    });
    expect(most).toBe(4);
    expect(done).toHaveLength(19);
    expect(failed).toEqual([{ item: 7, error: new Error("refused") }]);
  });
});
