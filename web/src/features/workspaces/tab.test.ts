import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Component, WorkspaceStatus } from "~/api/types";
import { signOf, useTabSign } from "~/hooks/useTabSign";
import { tabOf } from "./tab";

const component = (health: Component["health"]) => ({ status: "running", health }) as Component;

describe("the tab of a workspace", () => {
  const of = (status: WorkspaceStatus, ...components: Component[]) =>
    tabOf({ name: "shop", status, components });

  it("says its status in words and in its sign", () => {
    expect(of("running", component("healthy"))).toEqual({ title: "shop (running)", sign: "run" });
    expect(of("provisioning")).toEqual({ title: "shop (provisioning)", sign: "move" });
    expect(of("stopped", component("unhealthy"))).toEqual({ title: "shop (stopped)", sign: "rest" });
  });

  it("asks for attention where something is wrong", () => {
    expect(of("failed")).toEqual({ title: "⚠ shop (failed)", sign: "attention" });
    expect(of("unknown")).toEqual({ title: "⚠ shop (unknown)", sign: "attention" });
    expect(of("running", component("healthy"), component("unhealthy"))).toEqual({
      title: "⚠ shop (unhealthy)",
      sign: "attention",
    });
  });
});

describe("the sign in the tab", () => {
  it("is drawn for the page and taken back after it", () => {
    document.head.innerHTML = '<link rel="icon" href="/favicon.svg">';
    const href = () => document.querySelector("link")?.getAttribute("href");
    const { rerender, unmount } = renderHook(({ sign }) => useTabSign(sign), {
      initialProps: { sign: "run" as "run" | "attention" },
    });
    expect(href()).toBe(`data:image/svg+xml,${encodeURIComponent(signOf("run"))}`);
    rerender({ sign: "attention" });
    expect(href()).toBe(`data:image/svg+xml,${encodeURIComponent(signOf("attention"))}`);
    unmount();
    expect(href()).toBe("/favicon.svg");
  });

  it("is a picture of its own in each state", () => {
    const all = (["run", "move", "rest", "attention"] as const).map(signOf);
    expect(new Set(all).size).toBe(4);
    for (const svg of all)
      expect(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement.tagName).toBe("svg");
  });
});
