import { describe, expect, it } from "vitest";
import { find, flatten, linesOf, PAGE } from "./flatten";
import { cutOf, describePlaceholder, kindOf, preview, redactionOf, sizeOf, type Json } from "./kinds";
import { joinPath, topLevel } from "./paths";

const SHAPE = { toggled: new Set<string>(), pages: new Map<string, number>(), depth: 2 };
const CUT = `abc⟦cut length=5000 xxh3=${"0f".repeat(16)}⟧`;

describe("flatten", () => {
  it("opens what is near and small", () => {
    const rows = flatten({ a: [1, { b: true }], c: "x" }, "", SHAPE);
    expect(rows.map((row) => row.path)).toEqual(["", "a", "a[0]", "a[1]", "c"]);
  });

  it("says how many items wait", () => {
    const rows = flatten(Array.from({ length: 1000 }, (_, index) => index), "", SHAPE);
    expect(rows).toHaveLength(PAGE + 2);
    expect(rows[rows.length - 1]!.rest).toBe(1000 - PAGE);
    const more = flatten(Array.from({ length: 1000 }, (_, index) => index), "", { ...SHAPE, pages: new Map([["", 4]]) });
    expect(more).toHaveLength(1001);
  });

  it("opens a long text into lines that lose nothing", () => {
    const text = "word ".repeat(200);
    const rows = flatten({ t: text }, "", { ...SHAPE, toggled: new Set(["t"]) });
    expect(rows.filter((row) => row.line !== null).map((row) => row.line).join("")).toBe(text);
    expect(linesOf(CUT)).toEqual(["abc"]);
  });

  it("finds words in keys and values with the way to them", () => {
    const hits = find({ orders: [{ id: "kb-118" }], other: 1 } as Json, "", "KB-118");
    expect(hits).toEqual([{ path: "orders[0].id", above: ["", "orders", "orders[0]"] }]);
    expect(find({ total: 1 }, "", "tot")).toHaveLength(1);
    expect(find({ total: 1 }, "", "")).toEqual([]);
  });
});

describe("kinds", () => {
  it("tells what capture replaced", () => {
    expect(cutOf(CUT)).toEqual({ kept: 3, length: 5000, hash: "0f".repeat(16) });
    expect(sizeOf(CUT)).toBe("5,000 characters");
    expect([redactionOf("[REDACTED]"), redactionOf("[REDACTED:bearer]"), redactionOf("fine")]).toEqual(["", "bearer", null]);
    expect(kindOf({ $argus: "object", type: "Lock" })).toBe("placeholder");
    expect(describePlaceholder({ $argus: "object", type: "Lock" })).toBe("<Lock>, not serialisable, type kept");
  });

  it("previews in bounded work", () => {
    expect(preview([1, "a", null, { b: [true] }])).toBe('[1, "a", null, {b: [true]}]');
    expect(preview("x".repeat(1_000_000), 20).length).toBeLessThan(40);
    expect(preview(Array.from({ length: 100_000 }, () => "long text here"), 40).length).toBeLessThan(120);
  });
});

it("writes paths the way the command line reads them", () => {
  expect(joinPath(joinPath(joinPath("", "orders"), 0), "total")).toBe("orders[0].total");
  expect(joinPath("a", "odd key")).toBe('a["odd key"]');
  expect([topLevel("orders[0].total"), topLevel("a.b"), topLevel("a")]).toEqual(["orders", "a", "a"]);
});
