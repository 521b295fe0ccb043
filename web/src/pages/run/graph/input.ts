/** From what the server tells of a graph to what is laid out: nodes by place, hops matched to the edges they follow. */
import type { GraphEdgeInfo, GraphInfo, GraphNodeInfo, ThreadHop } from "../api";
import type { LayoutEdge, LayoutInput, LayoutNode } from "./layout";

export const NODE = { width: 118, height: 46 };
const PIN = { width: 44, height: 24 };

export interface EdgeLook {
  readonly id: string;
  readonly kind: "taken" | "untaken" | "thread";
  /** The field that the fault travelled in. */
  readonly field: string;
  /** How often the edge was taken. */
  readonly count: number;
}

export interface Drawing {
  readonly key: string;
  readonly input: LayoutInput;
  readonly nodes: ReadonlyMap<string, GraphNodeInfo>;
  readonly edges: ReadonlyMap<string, EdgeLook>;
  /** Paths of the nodes that the fault went through. */
  readonly thread: readonly string[];
  /** Paths of the nodes that have something inside. */
  readonly holders: ReadonlySet<string>;
}

/**
 * @param graph The graph as the server tells it.
 * @param thread Hops of the blame between the paths of nodes, at any depth.
 * @param unfolded Paths of the subgraph nodes that are shown with what is inside.
 * @param room The width that it should find room in.
 */
export function drawing(graph: GraphInfo, thread: readonly ThreadHop[], unfolded: ReadonlySet<string>, room?: number): Drawing {
  const nodes = new Map<string, GraphNodeInfo>();
  const looks = new Map<string, EdgeLook>();
  const nodesIn = grouped(graph.nodes.filter(isDrawn), (node) => node.parent);
  const edgesIn = grouped(graph.edges, (edge) => edge.parent);
  const ends = new Set(graph.nodes.filter((node) => !isDrawn(node)).map((node) => node.path));
  const inputOf = (parent: string | null): LayoutInput => {
    const laid: LayoutNode[] = (nodesIn.get(parent) ?? []).map((node) => {
      nodes.set(node.path, node);
      const size = node.kind === "start" ? PIN : NODE;
      const open = unfolded.has(node.path) && nodesIn.has(node.path);
      return open ? { id: node.path, ...size, inner: inputOf(node.path) } : { id: node.path, ...size };
    });
    const known = (edgesIn.get(parent) ?? []).filter((edge) => !ends.has(edge.target) && !ends.has(edge.source));
    // What was not taken comes first, and so stands above, where the way of the fault does not pass.
    const edges = [...known.filter((edge) => !edge.taken), ...known.filter((edge) => edge.taken)];
    return { nodes: laid, edges: linked(edges, hops, looks), hops: [] };
  };
  const hops = drawnHops(thread, nodesIn, unfolded);
  const inner = inputOf(null);
  const input = { ...inner, hops: freeHops(hops, looks), ...(room === undefined ? {} : { room }) };
  const onThread = [...new Set(hops.flatMap((hop) => [hop.source, hop.target]))];
  return {
    key: JSON.stringify([room ?? 0, graph.version, graph.nodes.length, graph.edges.length, [...unfolded].sort(), thread]),
    input,
    nodes,
    edges: looks,
    thread: onThread.filter((path) => nodes.has(path)),
    holders: new Set([...nodesIn.keys()].filter((parent) => parent !== null)),
  };
}

/** The end is where edges run out; inside a subgraph the start says nothing either. */
function isDrawn(node: GraphNodeInfo): boolean {
  return node.kind !== "end" && !(node.kind === "start" && node.parent !== null);
}

function grouped<T>(items: readonly T[], key: (item: T) => string | null): Map<string | null, T[]> {
  const found = new Map<string | null, T[]>();
  for (const item of items) {
    const list = found.get(key(item));
    if (list) list.push(item);
    else found.set(key(item), [item]);
  }
  return found;
}

/** The hops between what is drawn: a node inside a folded subgraph is stood for by the one that holds it. */
function drawnHops(thread: readonly ThreadHop[], nodesIn: ReadonlyMap<string | null, readonly GraphNodeInfo[]>, unfolded: ReadonlySet<string>): ThreadHop[] {
  const byPath = new Map([...nodesIn.values()].flat().map((node) => [node.path, node]));
  const seen = (path: string): string => {
    let drawn = path;
    for (let node = byPath.get(path); node?.parent != null; node = byPath.get(node.parent)) if (!unfolded.has(node.parent)) drawn = node.parent;
    return drawn;
  };
  return thread.map((hop) => ({ ...hop, source: seen(hop.source), target: seen(hop.target) })).filter((hop) => hop.source !== hop.target);
}

function linked(edges: readonly GraphEdgeInfo[], hops: readonly ThreadHop[], looks: Map<string, EdgeLook>): LayoutEdge[] {
  const fields = new Map(hops.map((hop) => [JSON.stringify([hop.source, hop.target]), hop.field ?? ""]));
  const laid = new Map<string, LayoutEdge>();
  for (const edge of edges) {
    const id = JSON.stringify([edge.source, edge.target]);
    if (laid.has(id)) continue;
    const field = fields.get(id);
    laid.set(id, { id, source: edge.source, target: edge.target, label: Math.min(field?.length ?? 0, 18) });
    looks.set(id, { id, kind: field !== undefined ? "thread" : edge.taken ? "taken" : "untaken", field: field ?? "", count: edge.count });
  }
  return [...laid.values()];
}

/** Hops that follow no edge. */
function freeHops(hops: readonly ThreadHop[], looks: Map<string, EdgeLook>): LayoutEdge[] {
  const free: LayoutEdge[] = [];
  for (const hop of hops) {
    const id = JSON.stringify([hop.source, hop.target, "hop"]);
    if (looks.has(JSON.stringify([hop.source, hop.target])) || looks.has(id)) continue;
    const field = hop.field ?? "";
    free.push({ id, source: hop.source, target: hop.target, label: field.length });
    looks.set(id, { id, kind: "thread", field, count: 0 });
  }
  return free;
}
