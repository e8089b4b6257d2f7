import { variableNameProblem } from "~/features/variables/variableName";

/** A variable that is to be made along with the workspace. */
export interface VariableDraft {
  key: number;
  name: string;
  value: string;
}

/** Somebody asked for a line and wrote nothing into it. */
function isBlank({ name, value }: VariableDraft): boolean {
  return name === "" && value === "";
}

/** What is wrong with a name among the others, or undefined. */
export function draftProblem(draft: VariableDraft, all: readonly VariableDraft[]): string | undefined {
  if (isBlank(draft)) return undefined;
  const first = all.find(({ name }) => name === draft.name);
  return (
    variableNameProblem(draft.name) ??
    (first === draft ? undefined : "A variable of this name is there already.")
  );
}

/** By name, as the API takes them. */
export function variablesOf(drafts: readonly VariableDraft[]): Record<string, string> {
  return Object.fromEntries(
    drafts.filter((draft) => !isBlank(draft)).map(({ name, value }) => [name, value]),
  );
}
