import { describe, expect, it } from "vitest";
import { circles, layout, type LayoutEdge, type LayoutNode } from "./layout";

const node = (id: string, inner?: LayoutNode["inner"]): LayoutNode => ({ id, width: 118, height: 46, ...(inner ? { inner } : {}) });
const edge = (source: string, target: string): LayoutEdge => ({ id: `${source}>${target}`, source, target, label: 0 });

describe("layout", () => {
  it("stands from left to right", () => {
    const found = layout({ nodes: [node("a"), node("b"), node("c")], edges: [edge("a", "b"), edge("b", "c")], hops: [] });
    const x = Object.fromEntries(found.nodes.map((one) => [one.id, one.x]));
    expect(x["a"]!).toBeLessThan(x["b"]!);
    expect(x["b"]!).toBeLessThan(x["c"]!);
  });

  it("draws a way back above and a hop of the blame below", () => {
    const found = layout({ nodes: [node("a"), node("b"), node("c")], edges: [edge("a", "b"), edge("b", "c"), edge("b", "a")], hops: [edge("a", "c")] });
    const top = Math.min(...found.nodes.map((one) => one.y));
    const bottom = Math.max(...found.nodes.map((one) => one.y + one.height));
    expect(found.edges.find((one) => one.id === "b>a")).toMatchObject({ way: "back" });
    expect(found.edges.find((one) => one.id === "b>a")!.labelY).toBeLessThan(top);
    expect(found.edges.find((one) => one.way === "hop")!.labelY).toBeGreaterThan(bottom);
  });

  it("keeps an unfolded subgraph inside its node", () => {
    const inner = { nodes: [node("x"), node("y")], edges: [edge("x", "y")], hops: [] };
    const found = layout({ nodes: [node("a"), node("team", inner), node("z")], edges: [edge("a", "team"), edge("team", "z")], hops: [] });
    const box = found.nodes.find((one) => one.id === "team")!;
    for (const one of found.nodes.filter((other) => other.parent === "team")) {
      expect(one.x).toBeGreaterThanOrEqual(box.x);
      expect(one.x + one.width).toBeLessThanOrEqual(box.x + box.width);
      expect(one.y + one.height).toBeLessThanOrEqual(box.y + box.height);
    }
  });

  it("has nothing left of or above the origin", () => {
    const found = layout({ nodes: [node("a"), node("b")], edges: [edge("a", "b"), edge("b", "a"), edge("a", "a")], hops: [] });
    for (const one of found.nodes) expect(Math.min(one.x, one.y)).toBeGreaterThanOrEqual(0);
    for (const one of found.edges) expect(one.labelY).toBeGreaterThanOrEqual(0);
  });

  it("bears an edge to a node that is not there, and no nodes at all", () => {
    expect(layout({ nodes: [node("a")], edges: [edge("a", "gone")], hops: [edge("gone", "a")] }).edges).toEqual([]);
    expect(layout({ nodes: [], edges: [], hops: [] })).toMatchObject({ width: 0, height: 0 });
  });

  it("finds the edges that close a circle", () => {
    expect([...circles(["a", "b", "c"], [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("c", "c")])]).toEqual(["c>a", "c>c"]);
  });
});
