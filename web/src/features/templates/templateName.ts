import type { Manifest } from "~/api/types";

/** The template is named as its manifest says: by its slug, else by its title. */
export function templateName(manifest: Manifest): string {
  const { slug, appName } = manifest;
  if (typeof slug === "string" && slug) return slug;
  return String(appName ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
