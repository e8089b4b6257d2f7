export interface Change {
  name: string;
  before: string | null;
  after: string | null;
}

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function said(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What lies in a tree, by its path: `parameters.size`. Nothing is what is not there. */
function leaves(value: unknown, path: string): [path: string, text: string][] {
  if (value === null || value === undefined) return [];
  if (!isTree(value) || Object.keys(value).length === 0) return [[path, said(value)]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

/** `{ before, after }` and nothing else: what was, and what is. */
function isPair(tree: Tree): boolean {
  const names = Object.keys(tree);
  return names.length > 0 && names.every((name) => name === "before" || name === "after");
}

function walk(tree: Tree, path: string): Change[] {
  if (isPair(tree)) {
    const before = new Map(leaves(tree.before, path));
    const after = new Map(leaves(tree.after, path));
    return [...new Set([...before.keys(), ...after.keys()])].map((name) => ({
      name,
      before: before.get(name) ?? null,
      after: after.get(name) ?? null,
    }));
  }
  return Object.entries(tree).flatMap(([name, value]) => {
    const here = path ? `${path}.${name}` : name;
    if (isTree(value)) return walk(value, here);
    return leaves(value, here).map(([leaf, text]) => ({ name: leaf, before: null, after: text }));
  });
}

/** What an entry's detail says changed, for the whole or name by name; bare facts are what came to be. */
export function changesIn(detail: unknown): Change[] {
  if (!isTree(detail)) return [];
  return walk(detail, "").filter(({ before, after }) => before !== after);
}
