const LONGEST = 128;

/** What is wrong with the name of a variable, or undefined. */
export function variableNameProblem(name: string): string | undefined {
  if (name === "") return "A name is needed.";
  if (name.length > LONGEST) return `At most ${LONGEST} characters; these are ${name.length}.`;
  if (/^[0-9]/.test(name)) return "It does not begin with a digit.";
  if (!/^[A-Za-z0-9_]+$/.test(name)) return "Only letters, digits and underscores.";
  return undefined;
}
