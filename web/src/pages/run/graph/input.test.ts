import { describe, expect, it } from "vitest";
import type { GraphEdgeInfo, GraphInfo, GraphNodeInfo } from "../api";
import { drawing } from "./input";
import { fit, SMALLEST } from "./fit";
import { layout } from "./layout";

const node = (path: string, parent: string | null = null, kind = "node"): GraphNodeInfo => ({
  path,
  name: path.slice(path.lastIndexOf("/") + 1),
  parent,
  kind,
  declared: true,
  executions: 1,
  steps: [1],
  duration_ms: 1,
  usual_ms: null,
  fact: "",
  role: null,
  worst: null,
  error: null,
  file: null,
  findings: 0,
  line: null,
});
const edge = (source: string, target: string, parent: string | null = null): GraphEdgeInfo => ({ source, target, parent, conditional: false, taken: true, count: 1, label: null });
const graph = (nodes: GraphNodeInfo[], edges: GraphEdgeInfo[], thread: GraphInfo["thread"] = []): GraphInfo => ({
  name: "g",
  version: "v1",
  nodes,
  edges,
  thread,
  declared: nodes.length,
  ran: nodes.length,
});

describe("drawing", () => {
  const plain = graph(
    [node("__start__", null, "start"), node("a"), node("b"), node("c"), node("__end__", null, "end")],
    [edge("__start__", "a"), edge("a", "b"), edge("b", "c"), edge("c", "__end__")],
    [
      { source: "a", target: "b", field: "docs" },
      { source: "a", target: "c", field: "answer" },
    ],
  );

  it("follows an edge where the fault did and leaves it where it did not", () => {
    const drawn = drawing(plain, plain.thread, new Set());
    expect(drawn.input.nodes.map((one) => one.id)).toEqual(["__start__", "a", "b", "c"]);
    expect(drawn.edges.get('["a","b"]')).toMatchObject({ kind: "thread", field: "docs" });
    expect(drawn.input.hops.map((one) => one.id)).toEqual(['["a","c","hop"]']);
    expect(drawn.thread).toEqual(["a", "b", "c"]);
  });

  it("unfolds a subgraph in place", () => {
    const nested = graph(
      [node("a"), node("team", null, "subgraph"), node("team/__start__", "team", "start"), node("team/x", "team"), node("team/y", "team")],
      [edge("a", "team"), edge("team/__start__", "team/x", "team"), edge("team/x", "team/y", "team")],
    );
    expect([...drawing(nested, [], new Set()).holders]).toEqual(["team"]);
    expect(drawing(nested, [], new Set()).input.nodes).toHaveLength(2);
    const open = drawing(nested, [], new Set(["team"]));
    expect(open.input.nodes[1]!.inner!.nodes.map((one) => one.id)).toEqual(["team/x", "team/y"]);
    expect(open.key).not.toBe(drawing(nested, [], new Set()).key);
    const thread = [{ source: "team/x", target: "a", field: "report" }];
    expect(drawing(nested, thread, new Set()).thread).toEqual(["team", "a"]);
    expect(drawing(nested, thread, new Set(["team"])).thread).toEqual(["team/x", "a"]);
  });
});

describe("fit", () => {
  const wide = graph(
    Array.from({ length: 40 }, (_, index) => node(`n${index}`)),
    Array.from({ length: 39 }, (_, index) => edge(`n${index}`, `n${index + 1}`)),
  );
  const pane = { width: 900, height: 230 };

  it("never goes below a readable size", () => {
    const found = layout(drawing(wide, [], new Set()).input);
    for (const thread of [[], ["n30", "n31"], ["n0", "n39"]]) {
      expect(fit(found, pane, found.nodes, thread, null).zoom).toBeGreaterThanOrEqual(SMALLEST);
    }
  });

  it("looks at the way of the fault when the whole is too wide", () => {
    const found = layout(drawing(wide, [], new Set()).input);
    const view = fit(found, pane, found.nodes, ["n30", "n31"], null);
    const at = found.nodes.find((one) => one.id === "n30")!;
    const left = at.x * view.zoom + view.x;
    expect(left).toBeGreaterThan(0);
    expect(left + at.width * view.zoom).toBeLessThan(pane.width);
  });

  it("shows a small graph whole and not larger than life", () => {
    const small = layout(drawing(graph([node("a"), node("b")], [edge("a", "b")]), [], new Set()).input);
    expect(fit(small, pane, small.nodes, [], null).zoom).toBe(1);
  });
});
