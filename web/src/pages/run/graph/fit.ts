/** Where to look at a graph from: all of it when that stays readable, else the way of the fault, else its beginning. */
import type { Placed } from "./layout";

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** Smaller than this no name can be read. */
export const SMALLEST = 0.7;
const AIR = 14;
/** What does not fit is looked at from near, a part at a time. */
const NEAR = 0.95;

export function fit(whole: Box, pane: Box, nodes: readonly Placed[], thread: readonly string[], first: string | null): View {
  const all = zoomFor(whole, pane);
  if (all >= SMALLEST) return centred({ x: 0, y: 0, ...whole }, pane, Math.min(1, all));
  const wanted = nodes.filter((node) => thread.includes(node.id));
  if (wanted.length > 0) {
    const box = around(wanted);
    const zoom = zoomFor(box, pane);
    if (zoom >= SMALLEST) return within(centred(box, pane, Math.min(1, zoom)), whole, pane);
  }
  const start = nodes.find((node) => node.id === (first ?? wanted[0]?.id)) ?? wanted[0] ?? nodes[0];
  if (!start) return { x: 0, y: 0, zoom: 1 };
  const zoom = NEAR;
  const view = { x: pane.width * 0.2 - start.x * zoom, y: pane.height / 2 - (start.y + start.height / 2) * zoom, zoom };
  return within(view, whole, pane);
}

function zoomFor(box: Box, pane: Box): number {
  return Math.min((pane.width - 2 * AIR) / box.width, (pane.height - 2 * AIR) / box.height);
}

function centred(box: Box & { readonly x: number; readonly y: number }, pane: Box, zoom: number): View {
  return {
    x: (pane.width - box.width * zoom) / 2 - box.x * zoom,
    y: (pane.height - box.height * zoom) / 2 - box.y * zoom,
    zoom,
  };
}

/** No empty half of the pane while there is graph beyond the other edge. */
function within(view: View, whole: Box, pane: Box): View {
  const clamp = (at: number, size: number, room: number): number =>
    size * view.zoom <= room ? (room - size * view.zoom) / 2 : Math.min(AIR, Math.max(room - size * view.zoom - AIR, at));
  return { x: clamp(view.x, whole.width, pane.width), y: clamp(view.y, whole.height, pane.height), zoom: view.zoom };
}

function around(nodes: readonly Placed[]): Box & { readonly x: number; readonly y: number } {
  const x = Math.min(...nodes.map((node) => node.x));
  const y = Math.min(...nodes.map((node) => node.y)) - 22;
  const right = Math.max(...nodes.map((node) => node.x + node.width));
  const bottom = Math.max(...nodes.map((node) => node.y + node.height));
  return { x, y, width: right - x, height: bottom - y };
}
