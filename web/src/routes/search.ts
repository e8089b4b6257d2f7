type Search = Record<string, unknown>;

/** The optional texts of the query string that a page knows; an empty one counts as absent. */
export function textsIn<K extends string>(search: Search, ...keys: K[]): { [P in K]?: string } {
  const texts: { [P in K]?: string } = {};
  for (const key of keys) {
    const value = search[key];
    // What looks like a number or a truth value was parsed into one.
    if (value !== undefined && value !== null && value !== "" && typeof value !== "object")
      texts[key] = String(value);
  }
  return texts;
}
