const qualities = [
  "amber",
  "brisk",
  "calm",
  "clear",
  "copper",
  "early",
  "gentle",
  "hidden",
  "keen",
  "late",
  "lucid",
  "mossy",
  "open",
  "patient",
  "quiet",
  "silver",
  "steady",
  "still",
  "tidy",
  "warm",
];
const places = [
  "arbor",
  "arch",
  "attic",
  "atrium",
  "cellar",
  "chapel",
  "cloister",
  "courtyard",
  "garden",
  "gate",
  "hall",
  "harbor",
  "hearth",
  "kiln",
  "lantern",
  "loft",
  "nave",
  "orchard",
  "study",
  "tower",
];

/** A name a person can say on the phone, and that none of `taken` is. */
export function suggestName(taken: ReadonlySet<string>, random: () => number = Math.random): string {
  const count = qualities.length * places.length;
  const start = Math.floor(random() * count);
  const nameAt = (index: number) =>
    `${qualities[Math.floor(index / places.length) % qualities.length]}-${places[index % places.length]}`;
  for (let offset = 0; offset < count; offset += 1) {
    const name = nameAt(start + offset);
    if (!taken.has(name)) return name;
  }
  let number = 2;
  while (taken.has(`${nameAt(start)}-${number}`)) number += 1;
  return `${nameAt(start)}-${number}`;
}

/** What is wrong with a workspace name, or undefined. Mirrors src/domain/names.rs. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "A name is needed.";
  if (name.length > 32) return `At most 32 characters; these are ${name.length}.`;
  if (/[A-Z]/.test(name)) return "Lower case only: the name becomes part of a host name.";
  if (!/^[a-z0-9-]+$/.test(name)) return "Only letters a to z, digits and hyphens.";
  if (!/^[a-z]/.test(name)) return "It begins with a letter.";
  if (name.endsWith("-")) return "It does not end with a hyphen.";
  if (name.includes("--")) return "Two hyphens in a row stand between names in a host name.";
  return undefined;
}
