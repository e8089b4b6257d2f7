import type { Workspace } from "~/api/types";
import type { Who } from "~/features/policy";
import { refusal } from "./actions";

/** What can be done with several workspaces at once. */
export type BulkVerb = "start" | "stop" | "destroy";

export interface Plan {
  able: Workspace[];
  leftOut: { workspace: Workspace; reason: string }[];
}

/** Of the selected workspaces, those that the verb can be done with, and why not the others: the rules of one by one. */
export function planFor(verb: BulkVerb, selected: readonly Workspace[], whoIn: (orgId: string) => Who): Plan {
  const plan: Plan = { able: [], leftOut: [] };
  for (const workspace of selected) {
    const reason = refusal(verb, workspace, whoIn(workspace.org_id));
    if (reason) plan.leftOut.push({ workspace, reason });
    else plan.able.push(workspace);
  }
  return plan;
}

/** Why nothing at all can be done, or undefined. */
export function planRefusal({ able, leftOut }: Plan): string | undefined {
  if (able.length > 0) return undefined;
  const reasons = new Set(leftOut.map(({ reason }) => reason));
  const [only] = reasons;
  if (only === undefined) return "Select workspaces first.";
  return reasons.size === 1 && leftOut.length === 1 ? only : "None of the selected allows it now.";
}

/** Those who stay as they are, each with the reason. */
export function leftOutWords({ leftOut }: Plan): string[] {
  return leftOut.map(({ workspace, reason }) => `${workspace.name} (${reason.replace(/\.$/, "")})`);
}

/** How many requests are under way at a time, so that a long list does not fall on the server at once. */
const AT_ONCE = 4;

/** Does it to each, a few at a time; one that fails holds up no other. The answer is what failed. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
): Promise<{ item: T; error: unknown }[]> {
  const failed: { item: T; error: unknown }[] = [];
  const queue = [...items];
  async function work() {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await act(item);
      } catch (error) {
        failed.push({ item, error });
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}
