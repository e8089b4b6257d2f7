import type { Parameter } from "~/api/types";

/** What the form holds: text for everything typed, so that half-typed numbers survive. */
export type Draft = Record<string, string | boolean>;

export function draftOf(parameters: readonly Parameter[]): Draft {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, draftValue(parameter)]));
}

function draftValue({ type, default: fallback }: Parameter): string | boolean {
  if (type === "bool") return fallback === true;
  if (Array.isArray(fallback)) return fallback.join("\n");
  return fallback === null || fallback === undefined ? "" : String(fallback);
}

export function parameterProblem(
  parameter: Parameter,
  value: string | boolean | undefined,
): string | undefined {
  if (typeof value === "boolean" || value === undefined) return undefined;
  if (value.trim() === "") return parameter.required ? "This is needed." : undefined;
  if (parameter.type === "number") return numberProblem(parameter, Number(value));
  const { regex } = parameter;
  const pieces = parameter.type === "list" ? listOf(value) : [value];
  if (regex && !pieces.every((piece) => fits(regex, piece))) return `It must look like ${regex}`;
  return undefined;
}

function numberProblem({ min, max }: Parameter, value: number): string | undefined {
  if (!Number.isFinite(value)) return "This is not a number.";
  if (min !== null && value < min) return `At least ${min}.`;
  if (max !== null && value > max) return `At most ${max}.`;
  return undefined;
}

function fits(regex: string, value: string): boolean {
  try {
    return new RegExp(regex, "u").test(value);
  } catch {
    return true; // A dialect the browser does not speak: the server decides.
  }
}

/** The values to send. What was left empty is left out, so that the template's default applies. */
export function valuesOf(parameters: readonly Parameter[], draft: Draft): Record<string, unknown> {
  const entries = parameters.flatMap((parameter): [string, unknown][] => {
    const value = draft[parameter.name];
    if (typeof value === "boolean") return [[parameter.name, value]];
    if (value === undefined || value.trim() === "") return [];
    if (parameter.type === "number") return [[parameter.name, Number(value)]];
    return [[parameter.name, parameter.type === "list" ? listOf(value) : value]];
  });
  return Object.fromEntries(entries);
}

function listOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
