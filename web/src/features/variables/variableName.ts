const LONGEST = 128;
/** They would reach every component and replace what its image counts on. */
const reserved = /^(HOME|HOSTNAME|PATH|PWD|LD_.*|DEVSANCTUM_.*)$/;

/** What is wrong with the name of a variable, or undefined: a mirror of `VariableName` in src/domain/names.rs. */
export function variableNameProblem(name: string): string | undefined {
  if (name === "") return "A name is needed.";
  if (name.length > LONGEST) return `At most ${LONGEST} characters; these are ${name.length}.`;
  if (/^[0-9]/.test(name)) return "It does not begin with a digit.";
  if (!/^[A-Za-z0-9_]+$/.test(name)) return "Only letters, digits and underscores.";
  if (reserved.test(name)) return `${name} is reserved: set it in the manifest, in the env of a component.`;
  return undefined;
}
