import { describe, expect, it } from "vitest";
import { group, loopsOf } from "./grouping";
import { made, type Made } from "./testing";
import { ancestorsOf, visible } from "./visible";

const times = (count: number, step: (index: number) => Made): Made[] => Array.from({ length: count }, (_, index) => step(index));
const NONE: ReadonlySet<string> = new Set();

describe("loops", () => {
  it("finds whole rounds of any period", () => {
    expect(loopsOf(["a", "b", "c", "b", "c", "b", "c", "d"])).toEqual([{ start: 1, end: 7, period: 2 }]);
    expect(loopsOf(["a", "a", "a"])).toEqual([{ start: 0, end: 3, period: 1 }]);
    expect(loopsOf(["a", "b", "c"])).toEqual([]);
  });

  it("leaves a broken last round outside", () => {
    expect(loopsOf(["p", "q", "p", "q", "p"])).toEqual([{ start: 0, end: 4, period: 2 }]);
  });

  it("never overlaps", () => {
    const found = loopsOf(["a", "b", "a", "b", "c", "b", "c", "b", "c"]);
    for (let index = 1; index < found.length; index++) expect(found[index]!.start).toBeGreaterThanOrEqual(found[index - 1]!.end);
  });
});

describe("group", () => {
  it("keeps a plain run as it is", () => {
    const rows = group(made({ node: "a" }, { node: "b" }, { node: "c" }));
    expect(rows.map((row) => [row.kind, row.name])).toEqual([["step", "a"], ["step", "b"], ["step", "c"]]);
  });

  it("puts the branches of a fan-out in one row and what ran beside it in its own", () => {
    const rows = group(made({ node: "plan", superstep: 1 }, ...times(4, () => ({ node: "work", superstep: 2 })), { node: "log", superstep: 2 }));
    expect(rows.map((row) => [row.kind, row.name, row.times])).toEqual([["step", "plan", 1], ["fan", "work", 4], ["step", "log", 1]]);
    expect(rows[1]!.children).toHaveLength(4);
  });

  it("folds many rounds but leaves three flat", () => {
    const loop = (rounds: number) => times(rounds * 2, (index) => ({ node: index % 2 ? "act" : "plan", superstep: index }));
    expect(group(made(...loop(3))).map((row) => row.kind)).toEqual(Array(6).fill("step"));
    const [row] = group(made(...loop(212)));
    expect([row!.kind, row!.name, row!.times, row!.steps]).toEqual(["loop", "plan ⇄ act", 212, 424]);
  });

  it("nests what ran inside a step", () => {
    const [outer] = group(made({ node: "team" }, { node: "a", parent: 0 }, { node: "b", parent: 1 }));
    expect(outer!.steps).toBe(3);
    expect(outer!.children[0]!.children[0]!.depth).toBe(2);
  });

  it("takes a retry for the same unit, not for a branch", () => {
    const rows = group(made({ node: "a" }, { node: "a", attempt: 2 }, { node: "b" }));
    expect(rows.map((row) => row.kind)).toEqual(["step", "step", "step"]);
  });

  it("survives a parent that comes later than its child", () => {
    expect(group(made({ node: "a", parent: 1 }, { node: "b", parent: 0 }))).toHaveLength(1);
  });
});

describe("visible", () => {
  const huge = made(...times(10_000, (index) => ({ node: "fetch", superstep: index, ...(index === 7000 ? { role: "cause" as const, severity: "critical" as const } : {}) })), {
    node: "send",
    role: "symptom",
    outcome: "error",
  });

  it("draws two rows for ten thousand rounds and the step that is blamed", () => {
    const shown = visible(huge, group(huge), NONE);
    expect(shown.rows.map((one) => [one.row.kind, one.promoted, one.thread])).toEqual([
      ["loop", false, null],
      ["step", true, "start"],
      ["step", false, "end"],
    ]);
    expect(shown.total).toBe(10_001);
  });

  it("opens and closes what is toggled", () => {
    const tree = group(huge);
    expect(visible(huge, tree, new Set([tree[0]!.key])).rows).toHaveLength(10_002);
  });

  it("finds the groups above a step", () => {
    const tree = group(huge);
    expect(ancestorsOf(tree, 4000).map((row) => row.kind)).toEqual(["loop"]);
    expect(ancestorsOf(tree, 10_000)).toEqual([]);
  });

  it("groups forty thousand steps of several nodes", () => {
    const table = made(...times(40_000, (index) => ({ node: `n${index % 7}`, superstep: index })));
    const shown = visible(table, group(table), NONE);
    expect(shown.rows.map((one) => [one.row.name, one.row.times])).toContainEqual(["n0 → n1 → n2 → n3 → n4 → n5 → n6", 5714]);
    expect(shown.rows.length).toBeLessThan(10);
  });
});
