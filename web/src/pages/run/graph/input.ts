/** From what the server tells of a graph to what is laid out: nodes by place, hops matched to the edges they follow. */
import type { GraphEdgeInfo, GraphInfo, GraphNodeInfo } from "../api";
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
 * @param unfolded Paths of the subgraph nodes that are shown with what is inside.
 * @param room The width that it should find room in.
 */
export function drawing(graph: GraphInfo, unfolded: ReadonlySet<string>, room?: number): Drawing {
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
    const links = linked(edges, parent === null ? graph.thread : [], looks);
    return { nodes: laid, ...links };
  };
  const input = { ...inputOf(null), ...(room === undefined ? {} : { room }) };
  const thread = [...new Set(graph.thread.flatMap((hop) => [hop.source, hop.target]))];
  return {
    key: JSON.stringify([room ?? 0, graph.version, graph.nodes.length, graph.edges.length, [...unfolded].sort(), graph.thread]),
    input,
    nodes,
    edges: looks,
    thread: thread.filter((path) => nodes.has(path)),
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

function linked(
  edges: readonly GraphEdgeInfo[],
  thread: GraphInfo["thread"],
  looks: Map<string, EdgeLook>,
): { edges: LayoutEdge[]; hops: LayoutEdge[] } {
  const laid = new Map<string, LayoutEdge>();
  for (const edge of edges) {
    const id = JSON.stringify([edge.source, edge.target]);
    if (laid.has(id)) continue;
    laid.set(id, { id, source: edge.source, target: edge.target, label: 0 });
    looks.set(id, { id, kind: edge.taken ? "taken" : "untaken", field: "", count: edge.count });
  }
  const hops: LayoutEdge[] = [];
  for (const hop of thread) {
    const id = JSON.stringify([hop.source, hop.target]);
    const field = hop.field ?? "";
    const follows = laid.get(id);
    if (follows) {
      laid.set(id, { ...follows, label: Math.min(field.length, 18) });
      looks.set(id, { id, kind: "thread", field, count: looks.get(id)?.count ?? 0 });
      continue;
    }
    const own = JSON.stringify([hop.source, hop.target, "hop"]);
    if (looks.has(own)) continue;
    hops.push({ id: own, source: hop.source, target: hop.target, label: field.length });
    looks.set(own, { id: own, kind: "thread", field, count: 0 });
  }
  return { edges: [...laid.values()], hops };
}
