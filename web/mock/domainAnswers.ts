import type { Route, RouteDomain } from "../src/api/types.ts";
import { id, now } from "./basics.ts";
import { type Answers, type Call, found, gone, list, Refusal, refuseField } from "./call.ts";
import { world } from "./world.ts";

const domains = new Map<string, RouteDomain[]>();

export const domainAnswers: Answers = [
  ["GET", "/workspaces/:id/routes/:rid/domains", (call) => list(domainsOf(routeAt(call)))],
  ["POST", "/workspaces/:id/routes/:rid/domains", add],
  ["POST", "/workspaces/:id/routes/:rid/domains/:did/verify", verify],
  ["DELETE", "/workspaces/:id/routes/:rid/domains/:did", remove],
];

function routeAt({ path }: Call): Route {
  const workspace = found(world.workspaces.get(path.id ?? ""), "workspace");
  return found(
    workspace.routes.find((each) => each.id === path.rid),
    "route",
  );
}

function domainsOf(route: Route): RouteDomain[] {
  return domains.get(route.id) ?? [];
}

function put(route: Route, next: RouteDomain[]) {
  next.sort((one, other) => (one.host < other.host ? -1 : 1));
  domains.set(route.id, next);
  route.domains = next.map(({ id, host, status }) => ({ id, host, status }));
}

function add(call: Call) {
  const route = routeAt(call);
  const host = String(call.body.host).toLowerCase();
  if (!/^[a-z0-9-]+([.][a-z0-9-]+)+$/.test(host))
    throw refuseField("host", "invalid", "must be a host name like shop.example.com");
  if (domainsOf(route).some((each) => each.host === host))
    throw new Refusal(409, "taken", `the route has the domain ${host} already`);
  const content = `devsanctum-verification=${id().replaceAll("-", "")}`;
  const made: RouteDomain = {
    id: id(),
    host,
    url: `http://${host}:7080`,
    status: "pending",
    created_at: now(),
    verified_at: null,
    checked_at: null,
    failure: null,
    proof: {
      txt: { name: `_devsanctum-challenge.${host}`, value: content },
      http: { url: `http://${host}/.well-known/devsanctum-challenge`, content },
    },
  };
  put(route, [...domainsOf(route), made]);
  return { status: 201, body: made };
}

/** The first look finds nothing, the second a record. */
function verify(call: Call) {
  const route = routeAt(call);
  const domain = found(
    domainsOf(route).find((each) => each.id === call.path.did),
    "domain",
  );
  const again = domain.checked_at !== null;
  domain.checked_at = now();
  if (again) {
    domain.status = "verified";
    domain.verified_at = now();
    domain.failure = null;
  } else {
    const { name, value } = domain.proof.txt;
    domain.failure = `there is no TXT record at ${name}; add one that says ${value}; and ${domain.proof.http.url} cannot be read: it answers 404 Not Found`;
  }
  put(route, domainsOf(route));
  return { body: domain };
}

function remove(call: Call) {
  const route = routeAt(call);
  put(
    route,
    domainsOf(route).filter((each) => each.id !== call.path.did),
  );
  return gone;
}
