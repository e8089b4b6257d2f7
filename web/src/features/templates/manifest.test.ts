import { describe, expect, it } from "vitest";
import { readManifest } from "./manifest";

const json = `{
  "appName": "Shop",
  "components": [
    {"name": "web", "type": "frontend", "port": 3000},
    {
      "name": "api",
      "port": 99999
    }
  ]
}`;

const yaml = `appName: Shop
components:
  - name: web
    port: 99999
    env:
      A/B: x
`;

function placed(text: string, field: string) {
  const read = readManifest(text);
  if (!read.ok) throw new Error("unreadable");
  return read.place([{ field, code: "x", message: "wrong" }])[0];
}

describe("readManifest", () => {
  it("reads JSON and YAML to the same shape", () => {
    expect(readManifest('{"a": [1, true]}')).toMatchObject({ ok: true, manifest: { a: [1, true] } });
    expect(readManifest("a:\n  - 1\n  - true")).toMatchObject({ ok: true, manifest: { a: [1, true] } });
  });

  it("finds the line of a pointer", () => {
    expect(placed(json, "/components/1/port")?.line).toBe(7);
    expect(placed(yaml, "/components/0/port")?.line).toBe(4);
    expect(placed(yaml, "/components/0/env/A~1B")?.line).toBe(6);
  });

  it("falls back to the nearest parent, then to the top", () => {
    expect(placed(json, "/components/1/type")?.line).toBe(5);
    expect(placed(json, "/slug")?.line).toBe(1);
  });

  it("drops the server's own count of lines", () => {
    const read = readManifest(json);
    const [problem] = read.ok
      ? read.place([{ field: "/appName", code: "x", message: "line 1: too long" }])
      : [];
    expect(problem).toEqual({ line: 2, pointer: "/appName", message: "too long" });
  });

  it("refuses what is no mapping", () => {
    expect(readManifest("just words")).toMatchObject({ ok: false, problems: [{ line: 1 }] });
    expect(readManifest("")).toMatchObject({ ok: false });
  });

  it("says where text cannot be read", () => {
    const read = readManifest('{\n  "a": [1,\n}');
    expect(read.ok).toBe(false);
    expect(!read.ok && read.problems[0]?.line).toBeGreaterThanOrEqual(2);
  });
});
