import type { Route, RouteDomain } from "~/api/types";

/** The host name in what people paste: often the whole address out of the browser. */
export function hostIn(text: string): string {
  const bare = text.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return bare.replace(/[/?#].*$/s, "").replace(/:[0-9]*$/, "");
}

export const domainStatus = {
  pending: { label: "Not verified", tone: "warn" },
  verified: { label: "Verified", tone: "run" },
} as const satisfies Record<RouteDomain["status"], object>;

/** What the button of a route says about its domains. */
export function domainsOf(route: Pick<Route, "domains">): string {
  const count = route.domains.length;
  const waiting = route.domains.filter((domain) => domain.status === "pending").length;
  if (count === 0) return "Add domain";
  const all = count === 1 ? "1 domain" : `${count} domains`;
  return waiting === 0 ? all : `${all}, ${waiting} not verified`;
}
