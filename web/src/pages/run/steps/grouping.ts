/**
 * The steps of a run as a tree of rows: subgraphs inside their step, branches of one fan-out in one row, loops of many
 * rounds in one row. Linear in the number of steps.
 */
import { endOf, isEventful, type StepTable } from "./table";

export type RowKind = "step" | "fan" | "loop";

export interface GroupedRow {
  /** Stable across reloads: kind, nesting and first step. */
  readonly key: string;
  readonly kind: RowKind;
  readonly name: string;
  /** Table indices that the row itself stands for; for a step exactly one. */
  readonly members: readonly number[];
  readonly children: readonly GroupedRow[];
  readonly depth: number;
  /** Rounds of a loop, branches of a fan-out, 1 for a step. */
  readonly times: number;
  /** All steps in and under the row. */
  readonly steps: number;
  readonly start: number;
  readonly end: number;
  /** Whether something in or under it must be seen. */
  readonly eventful: boolean;
}

/** Loops of up to this many rounds stay flat: a row that replaces them would say less. */
export const FLAT_ROUNDS = 3;
/** Fan-outs of up to this many branches open with their branches hidden but drawn as lanes. */
export const LANES = 5;

export function group(table: StepTable): GroupedRow[] {
  const children = childrenOf(table);
  return siblings(table, children, children.get(-1) ?? [], 0);
}

function childrenOf(table: StepTable): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (let index = 0; index < table.count; index++) {
    const parent = table.parent[index] ?? -1;
    const safe = parent >= 0 && parent < index ? parent : -1;
    const list = children.get(safe);
    if (list) list.push(index);
    else children.set(safe, [index]);
  }
  return children;
}

function siblings(table: StepTable, children: Map<number, number[]>, indices: readonly number[], depth: number): GroupedRow[] {
  const units = unitsOf(table, indices);
  const loops = loopsOf(units.map((unit) => signature(table, unit)));
  const rows: GroupedRow[] = [];
  let at = 0;
  for (const loop of loops) {
    for (; at < loop.start; at++) rows.push(...unitRows(table, children, units[at]!, depth));
    const rounds = (loop.end - loop.start) / loop.period;
    if (rounds <= FLAT_ROUNDS) continue;
    const inner: GroupedRow[] = [];
    for (; at < loop.end; at++) inner.push(...unitRows(table, children, units[at]!, depth + 1));
    rows.push(loopRow(table, units.slice(loop.start, loop.end), loop.period, rounds, inner, depth));
  }
  for (; at < units.length; at++) rows.push(...unitRows(table, children, units[at]!, depth));
  return rows;
}

/** What ran side by side stands together; a retry stands beside its first attempt. */
function unitsOf(table: StepTable, indices: readonly number[]): number[][] {
  const units: number[][] = [];
  let current = -1;
  for (const index of indices) {
    const superstep = table.superstep[index] ?? -1;
    const last = units[units.length - 1];
    const retry = (table.attempt[index] ?? 1) > 1 && last !== undefined && table.node[last[last.length - 1]!] === table.node[index];
    if (last && ((superstep >= 0 && superstep === current) || retry)) last.push(index);
    else units.push([index]);
    current = superstep;
  }
  return units;
}

function signature(table: StepTable, unit: readonly number[]): string {
  if (unit.length === 1) return table.node[unit[0]!]!;
  return [...new Set(unit.map((index) => table.node[index]!))].join("\u0000");
}

export interface Loop {
  readonly start: number;
  readonly end: number;
  readonly period: number;
}

/** Stretches in which the same signatures come again at a constant distance; whole rounds only, without overlap. */
export function loopsOf(signatures: readonly string[]): Loop[] {
  const previous = new Map<string, number>();
  const distances = signatures.map((name, index) => {
    const distance = index - (previous.get(name) ?? index);
    previous.set(name, index);
    return distance;
  });
  const found: Loop[] = [];
  for (let index = 0; index < signatures.length; ) {
    const period = distances[index]!;
    let end = index + 1;
    while (end < signatures.length && distances[end] === period) end++;
    if (period > 0) {
      const start = Math.max(index - period, found[found.length - 1]?.end ?? 0);
      const whole = start + Math.floor((end - start) / period) * period;
      if (whole > start) found.push({ start, end: whole, period });
    }
    index = end;
  }
  return found;
}

function unitRows(table: StepTable, children: Map<number, number[]>, unit: readonly number[], depth: number): GroupedRow[] {
  const byNode = new Map<string, number[]>();
  for (const index of unit) {
    const list = byNode.get(table.node[index]!);
    if (list) list.push(index);
    else byNode.set(table.node[index]!, [index]);
  }
  const rows: GroupedRow[] = [];
  for (const [name, indices] of byNode) {
    const branches = indices.filter((index) => (table.attempt[index] ?? 1) === 1).length;
    if (branches <= 1) {
      for (const index of indices) rows.push(stepRow(table, children, index, depth));
      continue;
    }
    const inner = indices.map((index) => stepRow(table, children, index, depth + 1));
    rows.push(groupRow("fan", name, branches, indices, inner, table, depth));
  }
  return rows;
}

function stepRow(table: StepTable, children: Map<number, number[]>, index: number, depth: number): GroupedRow {
  const under = children.get(index);
  const inner = under ? siblings(table, children, under, depth + 1) : [];
  return {
    key: `s${table.number[index]}`,
    kind: "step",
    name: table.node[index]!,
    members: [index],
    children: inner,
    depth,
    times: 1,
    steps: 1 + total(inner),
    start: table.start[index]!,
    end: endOf(table, index),
    eventful: isEventful(table, index) || inner.some((row) => row.eventful),
  };
}

function loopRow(
  table: StepTable,
  units: readonly (readonly number[])[],
  period: number,
  rounds: number,
  inner: readonly GroupedRow[],
  depth: number,
): GroupedRow {
  const name = units
    .slice(0, period)
    .map((unit) => signature(table, unit).split("\u0000").join(" + "))
    .join(period === 2 ? " ⇄ " : " → ");
  return groupRow("loop", name, rounds, units.flat(), inner, table, depth);
}

function groupRow(
  kind: RowKind,
  name: string,
  times: number,
  members: readonly number[],
  inner: readonly GroupedRow[],
  table: StepTable,
  depth: number,
): GroupedRow {
  let start = Infinity;
  let end = 0;
  for (const index of members) {
    start = Math.min(start, table.start[index]!);
    end = Math.max(end, endOf(table, index));
  }
  return {
    key: `${kind[0]}${table.number[members[0]!]}`,
    kind,
    name,
    members,
    children: inner,
    depth,
    times,
    steps: total(inner),
    start,
    end,
    eventful: inner.some((row) => row.eventful),
  };
}

function total(rows: readonly GroupedRow[]): number {
  let sum = 0;
  for (const row of rows) sum += row.steps;
  return sum;
}
