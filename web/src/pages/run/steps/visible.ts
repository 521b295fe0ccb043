/** Which rows of the tree are drawn, what they stand for, and where the thread of blame passes. */
import type { GroupedRow } from "./grouping";
import { isEventful, type Role, type StepTable } from "./table";

export type Thread = "start" | "through" | "node" | "end" | "only" | null;

export interface VisibleRow {
  readonly row: GroupedRow;
  readonly open: boolean;
  /** Drawn under a closed group because it must be seen. */
  readonly promoted: boolean;
  /** The part of the step in the blame; a group has none of its own, for what it hides is drawn under it. */
  readonly role: Role | null;
  readonly thread: Thread;
}

export interface Visible {
  readonly rows: readonly VisibleRow[];
  /** Single steps that have a row of their own. */
  readonly drawn: number;
  readonly total: number;
}

/** Groups and subgraphs with more steps than this start closed. */
const OPEN_UP_TO = 8;
/** A run of at most this many rows is shown with its subgraphs open. */
const GROUP_ABOVE = 500;
/** Steps with something to see that a closed group still shows. */
const PROMOTED = 6;

export function isOpen(row: GroupedRow, toggled: ReadonlySet<string>, total: number): boolean {
  if (row.children.length === 0) return false;
  const byDefault = row.kind === "step" && row.eventful && row.steps <= OPEN_UP_TO + 1 && total <= GROUP_ABOVE;
  return toggled.has(row.key) ? !byDefault : byDefault;
}

export function visible(table: StepTable, tree: readonly GroupedRow[], toggled: ReadonlySet<string>): Visible {
  const plain: { row: GroupedRow; open: boolean; promoted: boolean }[] = [];
  const visit = (rows: readonly GroupedRow[]): void => {
    for (const row of rows) {
      const open = isOpen(row, toggled, table.count);
      plain.push({ row, open, promoted: false });
      if (open) visit(row.children);
      else if (row.children.length > 0 && row.eventful) {
        for (const inner of promotedOf(table, row)) plain.push({ row: inner, open: false, promoted: true });
      }
    }
  };
  visit(tree);
  return { rows: threaded(table, plain), drawn: plain.filter((one) => one.row.kind === "step").length, total: table.count };
}

/** The blamed steps that a closed row hides, then those with findings, in the order they ran. */
function promotedOf(table: StepTable, row: GroupedRow): GroupedRow[] {
  const found: GroupedRow[] = [];
  const visit = (rows: readonly GroupedRow[]): void => {
    for (const one of rows) {
      if (!one.eventful) continue;
      if (one.kind === "step" && isEventful(table, one.members[0]!)) found.push(one);
      visit(one.children);
    }
  };
  visit(row.children);
  const blamed = found.filter((one) => table.role[one.members[0]!] != null);
  const kept = new Set([...blamed, ...found].slice(0, Math.max(PROMOTED, blamed.length)));
  return found.filter((one) => kept.has(one)).map((one) => ({ ...one, depth: row.depth + 1, children: [] }));
}

function threaded(
  table: StepTable,
  plain: readonly { row: GroupedRow; open: boolean; promoted: boolean }[],
): VisibleRow[] {
  const roles = plain.map(({ row }) => (row.kind === "step" ? (table.role[row.members[0]!] ?? null) : null));
  const first = roles.findIndex((role) => role !== null);
  let last = roles.length - 1;
  while (last >= 0 && roles[last] === null) last--;
  return plain.map((one, index) => {
    const role = roles[index]!;
    let thread: Thread = null;
    if (first >= 0 && index >= first && index <= last) {
      if (first === last) thread = "only";
      else if (index === first) thread = "start";
      else if (index === last) thread = "end";
      else thread = role ? "node" : "through";
    }
    return { ...one, role, thread };
  });
}

/** The path of keys from the root to the row of a step, so that its groups can be opened. */
export function ancestorsOf(tree: readonly GroupedRow[], index: number): GroupedRow[] {
  const way: GroupedRow[] = [];
  const visit = (rows: readonly GroupedRow[]): boolean => {
    for (const row of rows) {
      if (row.kind === "step" && row.members[0] === index) return true;
      if (row.children.length === 0) continue;
      way.push(row);
      if (visit(row.children)) return true;
      way.pop();
    }
    return false;
  };
  return visit(tree) ? way : [];
}
