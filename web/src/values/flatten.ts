/** The open parts of a value as rows, so that a virtual list can draw a tree of any size. */
import { joinPath } from "./paths";
import { cutOf, kindOf, type Json, type Kind } from "./kinds";

export interface TreeRow {
  readonly path: string;
  readonly depth: number;
  readonly key: string | number | null;
  readonly value: Json;
  readonly kind: Kind;
  readonly open: boolean;
  readonly branch: boolean;
  /** For a row that stands for items not drawn yet: how many. */
  readonly rest: number;
  /** For a row that is one line of an open text: the line. */
  readonly line: string | null;
}

/** Items of one list or object drawn before the rest must be asked for. */
export const PAGE = 200;
/** A text longer than this opens into lines. */
export const LONG_TEXT = 120;
const LINE = 160;

export interface Shape {
  /** Paths whose state differs from the default. */
  readonly toggled: ReadonlySet<string>;
  /** Pages asked for beyond the first, by path. */
  readonly pages: ReadonlyMap<string, number>;
  /** Depth up to which everything starts open. */
  readonly depth: number;
}

export function flatten(value: Json, root: string, shape: Shape): TreeRow[] {
  const rows: TreeRow[] = [];
  visit(value, root, null, 0, shape, rows);
  return rows;
}

function visit(value: Json, path: string, key: string | number | null, depth: number, shape: Shape, rows: TreeRow[]): void {
  const kind = kindOf(value);
  const branch = hasInside(value, kind);
  const byDefault = kind !== "text" && depth < shape.depth && sizeWithin(value, depth === 0 ? Infinity : 12);
  const open = branch && (shape.toggled.has(path) ? !byDefault : byDefault);
  rows.push({ path, depth, key, value, kind, open, branch, rest: 0, line: null });
  if (!open) return;
  if (kind === "text") {
    for (const line of linesOf(value as string)) {
      rows.push({ path, depth: depth + 1, key: null, value, kind, open: false, branch: false, rest: 0, line });
    }
    return;
  }
  const keys: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value as object);
  const shown = PAGE * ((shape.pages.get(path) ?? 0) + 1);
  for (const one of keys.slice(0, shown)) {
    const inner = Array.isArray(value) ? value[one as number]! : (value as { [key: string]: Json })[one as string]!;
    visit(inner, joinPath(path, one), one, depth + 1, shape, rows);
  }
  if (keys.length > shown) {
    rows.push({ path, depth: depth + 1, key: null, value: null, kind, open: false, branch: false, rest: keys.length - shown, line: null });
  }
}

function hasInside(value: Json, kind: Kind): boolean {
  if (kind === "list") return (value as Json[]).length > 0;
  if (kind === "object") return Object.keys(value as object).length > 0;
  return kind === "text" && ((value as string).length > LONG_TEXT || (value as string).includes("\n"));
}

function sizeWithin(value: Json, limit: number): boolean {
  return Array.isArray(value) ? value.length <= limit : typeof value !== "object" || value === null || Object.keys(value).length <= limit;
}

/** A text as lines short enough to draw; what was cut at capture ends where it was cut. */
export function linesOf(text: string): string[] {
  const cut = cutOf(text);
  const kept = cut ? text.slice(0, cut.kept) : text;
  const lines: string[] = [];
  for (const line of kept.split("\n")) {
    if (line.length <= LINE) {
      lines.push(line);
      continue;
    }
    for (let at = 0; at < line.length; ) {
      let end = Math.min(line.length, at + LINE);
      if (end < line.length) {
        const space = line.lastIndexOf(" ", end);
        if (space > at + LINE / 2) end = space + 1;
      }
      lines.push(line.slice(at, end));
      at = end;
    }
  }
  return lines;
}

export interface Hit {
  readonly path: string;
  /** The paths that must be open to see it. */
  readonly above: readonly string[];
}

/** Where a word stands in keys or values; stops after `limit` hits and says so by returning that many. */
export function find(value: Json, root: string, word: string, limit = 500): Hit[] {
  const wanted = word.toLowerCase();
  const hits: Hit[] = [];
  if (wanted === "") return hits;
  const stack: { value: Json; path: string; key: string; above: readonly string[] }[] = [{ value, path: root, key: "", above: [] }];
  while (stack.length > 0 && hits.length < limit) {
    const one = stack.pop()!;
    const text = typeof one.value === "object" && one.value !== null ? "" : String(one.value);
    if (one.key.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted)) hits.push({ path: one.path, above: one.above });
    if (typeof one.value !== "object" || one.value === null) continue;
    const above = [...one.above, one.path];
    const entries = Array.isArray(one.value) ? [...one.value.entries()] : Object.entries(one.value);
    for (const [key, inner] of entries.reverse()) {
      stack.push({ value: inner, path: joinPath(one.path, key), key: typeof key === "number" ? "" : key, above });
    }
  }
  return hits;
}
