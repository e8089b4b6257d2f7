const LONGEST = 32;

/** What is wrong with an organization's name in addresses, or undefined. Mirrors src/domain/names.rs. */
export function slugProblem(slug: string): string | undefined {
  if (slug === "") return "Something is needed.";
  if (slug.length > LONGEST) return `At most ${LONGEST} characters; these are ${slug.length}.`;
  if (!/^[a-z0-9-]+$/.test(slug)) return "Only lower-case letters a to z, digits and hyphens.";
  if (!/^[a-z]/.test(slug)) return "It begins with a letter.";
  if (slug.endsWith("-")) return "It does not end with a hyphen.";
  return slug.includes("--") ? "No two hyphens in a row." : undefined;
}

/** A slug for a name that a person typed; empty when nothing of it can stay. */
export function slugFor(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
}
