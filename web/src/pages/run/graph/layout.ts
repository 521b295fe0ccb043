/**
 * Where the nodes of a graph stand and how its edges run. Pure, so that it can be tested and run in a worker.
 *
 * Control edges make the layout; edges that close a circle are drawn as arcs above, and hops of the blame that follow no
 * control edge as arcs below. An unfolded subgraph is laid out first and then stands in its parent as one large node.
 */
import dagre from "@dagrejs/dagre";

export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** The nodes and edges inside, when unfolded. */
  readonly inner?: LayoutInput;
}

export interface LayoutEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Characters of the label that must find room between the nodes; 0 without one. */
  readonly label: number;
}

export interface LayoutInput {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
  /** Hops of the blame, between nodes of any depth; only those of the outermost level are drawn. */
  readonly hops: readonly LayoutEdge[];
  /** The width that it should find room in, if it can; wider gaps and labels between the nodes are given up for it. */
  readonly room?: number;
}

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The unfolded node it stands in. */
  readonly parent: string | null;
}

export interface Routed {
  readonly id: string;
  readonly path: string;
  readonly labelX: number;
  readonly labelY: number;
  readonly way: "forward" | "back" | "hop";
}

export interface Layout {
  readonly nodes: readonly Placed[];
  readonly edges: readonly Routed[];
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const ROOMY = { gap: 40, labels: true };
const COMPACT = { gap: 24, labels: false };
const TIGHT = { gap: 18, labels: false, widest: 104 };
const NODE_GAP = 26;
const CHARACTER = 6.6;
const PADDING = { top: 30, side: 14, bottom: 14 };
const ARC = 26;
const MARGIN = 8;

interface Air {
  readonly gap: number;
  /** Whether labels find their room between the nodes, or stand under the edge. */
  readonly labels: boolean;
  /** Nodes are no wider than this. */
  readonly widest?: number;
}

export function layout(input: LayoutInput): Layout {
  let found = settled(place(input, ROOMY));
  for (const air of [COMPACT, TIGHT]) if (input.room !== undefined && found.width > input.room) found = settled(place(input, air));
  return found;
}

function place(input: LayoutInput, air: Air): Layout {
  const inner = new Map<string, Layout>();
  const nodes = input.nodes.map((node) => {
    if (!node.inner) return { ...node, width: Math.min(node.width, air.widest ?? Infinity) };
    const inside = settled(place(node.inner, air));
    inner.set(node.id, inside);
    return {
      ...node,
      width: Math.max(node.width, inside.width + 2 * PADDING.side),
      height: inside.height + PADDING.top + PADDING.bottom,
    };
  });
  const back = circles(nodes.map((node) => node.id), input.edges);
  const placed = ranked(nodes, input.edges.filter((edge) => !back.has(edge.id)), air);
  const boxes = new Map(placed.nodes.map((node) => [node.id, node]));
  const edges: Routed[] = [];
  for (const edge of input.edges) {
    const from = boxes.get(edge.source);
    const to = boxes.get(edge.target);
    if (!from || !to) continue;
    if (back.has(edge.id)) edges.push(arc(edge.id, from, to, [...boxes.values()], { way: "back", above: true, levels: [] }));
    else edges.push(forward(edge.id, from, to, placed.points.get(edge.id) ?? [], !air.labels && edge.label > 0));
  }
  const all: Placed[] = [];
  for (const node of placed.nodes) {
    all.push(node);
    const inside = inner.get(node.id);
    if (!inside) continue;
    const dx = node.x + PADDING.side;
    const dy = node.y + PADDING.top;
    for (const one of inside.nodes) all.push({ ...one, x: one.x + dx, y: one.y + dy, parent: one.parent ?? node.id });
    for (const one of inside.edges) edges.push(moved(one, dx, dy));
  }
  const everywhere = new Map(all.map((node) => [node.id, node]));
  for (const hop of input.hops) {
    const from = everywhere.get(hop.source);
    const to = everywhere.get(hop.target);
    if (!from || !to || from === to) continue;
    const above = obstacles(from, to, boxes, true) + 0.5 < obstacles(from, to, boxes, false);
    const levels = edges.filter((one) => one.way !== "forward" && one.labelY < (above ? from.y : -Infinity)).map((one) => one.labelY);
    edges.push(arc(hop.id, from, to, [...boxes.values()], { way: "hop", above, levels }));
  }
  return { nodes: all, edges, width: 0, height: 0 };
}

/** Moves everything so that nothing stands left of or above the origin, and measures it. */
function settled(flat: Layout): Layout {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const node of flat.nodes) {
    left = Math.min(left, node.x);
    top = Math.min(top, node.y);
    right = Math.max(right, node.x + node.width);
    bottom = Math.max(bottom, node.y + node.height);
  }
  for (const edge of flat.edges) {
    top = Math.min(top, edge.labelY - 8);
    bottom = Math.max(bottom, edge.labelY + 8);
  }
  if (!Number.isFinite(left)) return { nodes: [], edges: [], width: 0, height: 0 };
  const [dx, dy] = [MARGIN - left, MARGIN - top];
  return {
    nodes: flat.nodes.map((node) => ({ ...node, x: node.x + dx, y: node.y + dy })),
    edges: flat.edges.map((edge) => moved(edge, dx, dy)),
    width: right - left + 2 * MARGIN,
    height: bottom - top + 2 * MARGIN,
  };
}

/** The edges that close a circle, found depth first from the nodes in their order. */
export function circles(ids: readonly string[], edges: readonly LayoutEdge[]): Set<string> {
  const onward = new Map<string, LayoutEdge[]>(ids.map((id) => [id, []]));
  for (const edge of edges) onward.get(edge.source)?.push(edge);
  const back = new Set<string>();
  const state = new Map<string, "open" | "done">();
  for (const first of ids) {
    if (state.has(first)) continue;
    state.set(first, "open");
    const stack: [string, number][] = [[first, 0]];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const edge = onward.get(top[0])?.[top[1]++];
      if (!edge) {
        state.set(top[0], "done");
        stack.pop();
      } else if (edge.source === edge.target || state.get(edge.target) === "open") {
        back.add(edge.id);
      } else if (!state.has(edge.target) && onward.has(edge.target)) {
        state.set(edge.target, "open");
        stack.push([edge.target, 0]);
      }
    }
  }
  return back;
}

/** How many nodes an arc would cross on its way out of its source and into its target. */
function obstacles(from: Placed, to: Placed, boxes: ReadonlyMap<string, Placed>, above: boolean): number {
  let found = 0;
  for (const end of [from, to]) {
    const middle = end.x + end.width / 2;
    for (const box of boxes.values()) {
      if (box === end || holds(box, end) || middle < box.x || middle > box.x + box.width) continue;
      if (above ? box.y < end.y : box.y > end.y) found++;
    }
  }
  return found;
}

function ranked(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  air: Air,
): { nodes: Placed[]; points: Map<string, Point[]> } {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: air.gap, nodesep: NODE_GAP, edgesep: 14, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { width: node.width, height: node.height });
  for (const edge of edges) {
    if (!graph.hasNode(edge.source) || !graph.hasNode(edge.target)) continue;
    const labelled = air.labels && edge.label > 0;
    graph.setEdge(edge.source, edge.target, { width: labelled ? edge.label * CHARACTER : 0, height: labelled ? 14 : 0, labelpos: "c" }, edge.id);
  }
  dagre.layout(graph);
  const points = new Map<string, Point[]>();
  for (const one of graph.edges()) if (one.name !== undefined) points.set(one.name, graph.edge(one).points ?? []);
  const placed = nodes.map((node) => {
    const at = graph.node(node.id);
    return {
      id: node.id,
      x: at.x - node.width / 2,
      y: at.y - node.height / 2,
      width: node.width,
      height: node.height,
      parent: null,
    };
  });
  return { nodes: placed, points };
}

/** A short edge is one curve; a long one follows the points that keep it clear of the nodes between. */
function forward(id: string, from: Placed, to: Placed, points: readonly Point[], labelBelow: boolean): Routed {
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x, y: to.y + to.height / 2 };
  const between = points.slice(1, -1).filter((point) => point.x > start.x + 4 && point.x < end.x - 4);
  const long = end.x - start.x > 260 && between.length > 0;
  const stops = long ? [start, ...between, end] : [start, end];
  let path = `M${n(start.x)} ${n(start.y)}`;
  for (let index = 1; index < stops.length; index++) {
    const [one, two] = [stops[index - 1]!, stops[index]!];
    const bend = (two.x - one.x) / 2;
    path += `C${n(one.x + bend)} ${n(one.y)} ${n(two.x - bend)} ${n(two.y)} ${n(two.x)} ${n(two.y)}`;
  }
  const middle = long ? between[between.length >> 1]! : { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const level = Math.abs(start.y - end.y) < 12;
  if (labelBelow && level && !long) return { id, path, labelX: middle.x, labelY: Math.max(from.y + from.height, to.y + to.height) + 10, way: "forward" };
  return { id, path, labelX: middle.x, labelY: middle.y, way: "forward" };
}

function holds(box: Placed, node: Placed): boolean {
  return node.x >= box.x && node.y >= box.y && node.x + node.width <= box.x + box.width && node.y + node.height <= box.y + box.height;
}

interface Arc {
  readonly way: "back" | "hop";
  readonly above: boolean;
  /** Heights that other arcs run at on the same side. */
  readonly levels: readonly number[];
}

/** An arc clear of every node between its ends: a way back runs above, a hop along the data where less is in its way. */
function arc(id: string, from: Placed, to: Placed, boxes: readonly Placed[], { way, above, levels }: Arc): Routed {
  // From above it comes in on the right, beside the word that may stand over the left of its target.
  const land = above ? 0.82 : 0.5;
  const [one, two] = [from.x + from.width / 2, to.x + to.width * land];
  const [left, right] = [Math.min(one, two) - 40, Math.max(one, two) + 40];
  let limit = above ? Math.min(from.y, to.y) : Math.max(from.y + from.height, to.y + to.height);
  for (const box of boxes) {
    if (box.x + box.width < left || box.x > right) continue;
    limit = above ? Math.min(limit, box.y) : Math.max(limit, box.y + box.height);
  }
  for (const level of levels) limit = Math.min(limit, level);
  const level = above ? limit - ARC : limit + ARC;
  const start = { x: one, y: above ? from.y : from.y + from.height };
  const end = { x: two, y: above ? to.y : to.y + to.height };
  if (from === to) {
    const [a, b] = [one - 22, one + 22];
    const path = `M${n(b)} ${n(start.y)}C${n(b)} ${n(level)} ${n(a)} ${n(level)} ${n(a)} ${n(start.y)}`;
    return { id, path, labelX: one, labelY: start.y - ARC * 0.75, way };
  }
  const reach = Math.min(60, Math.abs(two - one) / 3) * Math.sign(two - one);
  const path =
    `M${n(start.x)} ${n(start.y)}C${n(start.x)} ${n(level)} ${n(start.x + reach * 0.4)} ${n(level)} ${n(start.x + reach)} ${n(level)}` +
    `L${n(end.x - reach)} ${n(level)}C${n(end.x - reach * 0.4)} ${n(level)} ${n(end.x)} ${n(level)} ${n(end.x)} ${n(end.y)}`;
  return { id, path, labelX: (one + two) / 2, labelY: level, way };
}

function moved(edge: Routed, dx: number, dy: number): Routed {
  let odd = false;
  const path = edge.path.replace(/-?\d+(?:\.\d+)?/g, (text) => {
    odd = !odd;
    return n(Number(text) + (odd ? dx : dy));
  });
  return { ...edge, path, labelX: edge.labelX + dx, labelY: edge.labelY + dy };
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
