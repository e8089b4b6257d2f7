import { describe, expect, it } from "vitest";
import type { RouteDomain } from "~/api/types";
import { domainsOf, hostIn } from "./domains";

describe("the host name in what people paste", () => {
  it.each([
    ["shop.example.com", "shop.example.com"],
    ["  shop.example.com\n", "shop.example.com"],
    ["https://shop.example.com", "shop.example.com"],
    ["HTTPS://Shop.example.com/cart?x=1#top", "Shop.example.com"],
    ["shop.example.com:8443/", "shop.example.com"],
    ["http://bücher.example/", "bücher.example"],
    ["*.example.com", "*.example.com"],
    ["", ""],
  ])("%j is %j", (text, host) => expect(hostIn(text)).toBe(host));
});

describe("the domains of a route in words", () => {
  const of = (...statuses: RouteDomain["status"][]) =>
    domainsOf({ domains: statuses.map((status, index) => ({ id: `${index}`, host: "a.example", status })) });

  it("invites where there is none", () => expect(of()).toBe("Add domain"));
  it("counts them", () => {
    expect(of("verified")).toBe("1 domain");
    expect(of("verified", "verified")).toBe("2 domains");
  });
  it("says which wait for a proof", () => {
    expect(of("pending")).toBe("1 domain, 1 not verified");
    expect(of("verified", "pending", "pending")).toBe("3 domains, 2 not verified");
  });
});
