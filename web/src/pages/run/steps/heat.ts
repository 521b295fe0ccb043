/** A group of many steps in one strip of cells: how busy each stretch was, and the gravest thing in it. */
import type { GroupedRow } from "./grouping";
import type { StepTable } from "./table";

export type Grave = "none" | "info" | "warning" | "critical" | "symptom" | "path" | "cause";

export interface Heat {
  readonly cells: readonly Cell[];
  /** Steps in one cell, rounded up. */
  readonly perCell: number;
}

export interface Cell {
  /** From 0 to 1: the longest step of the cell against the longest of the group, on a log scale. */
  readonly load: number;
  readonly grave: Grave;
}

const ORDER: readonly Grave[] = ["none", "info", "warning", "critical", "path", "symptom", "cause"];

export function heat(table: StepTable, row: GroupedRow, wanted = 96): Heat {
  const members = row.members;
  const count = Math.min(wanted, members.length);
  const perCell = Math.ceil(members.length / Math.max(1, count));
  let longest = 0;
  for (const index of members) longest = Math.max(longest, table.duration[index] ?? 0);
  const cells: Cell[] = [];
  for (let from = 0; from < members.length; from += perCell) {
    let slowest = 0;
    let grave: Grave = "none";
    for (const index of members.slice(from, from + perCell)) {
      slowest = Math.max(slowest, table.duration[index] ?? 0);
      grave = graver(grave, graveOf(table, index));
    }
    cells.push({ load: longest > 0 ? Math.log1p(slowest) / Math.log1p(longest) : 0, grave });
  }
  return { cells, perCell };
}

function graveOf(table: StepTable, index: number): Grave {
  const role = table.role[index];
  if (role) return role;
  if (table.outcome[index] === "error") return "critical";
  return table.severity[index] ?? "none";
}

function graver(one: Grave, other: Grave): Grave {
  return ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one;
}

/** What a group comes down to, in a few words. */
export function groupFacts(table: StepTable, row: GroupedRow): { ok: number; raised: number; marked: number; median: number } {
  let raised = 0;
  let marked = 0;
  const durations: number[] = [];
  for (const index of row.members) {
    if (table.outcome[index] === "error") raised++;
    else if (table.severity[index] === "critical" || table.severity[index] === "warning") marked++;
    durations.push(table.duration[index] ?? 0);
  }
  durations.sort((one, other) => one - other);
  return { ok: row.members.length - raised - marked, raised, marked, median: durations[durations.length >> 1] ?? 0 };
}
