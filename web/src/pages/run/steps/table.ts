/** Steps of a run as columns: ten thousand of them cost a dozen arrays, not ten thousand objects. */

export type Role = "cause" | "path" | "symptom";
export type Severity = "info" | "warning" | "critical";

export interface StepTable {
  readonly count: number;
  readonly number: readonly number[];
  readonly node: readonly string[];
  /** Which visit of its node this is, from 1; null when the node was visited once. */
  readonly round: readonly (number | null)[];
  /** Its place among steps of the same node that ran at the same moment, from 1; 0 when it ran alone. */
  readonly branch: readonly number[];
  /** The index of the row of the step that this one runs inside, or -1. */
  readonly parent: Int32Array;
  /** Steps that ran side by side in one graph share this number; -1 when it is not known. */
  readonly superstep: Int32Array;
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly outcome: readonly string[];
  readonly attempt: readonly number[];
  readonly role: readonly (Role | null)[];
  readonly error: readonly (string | null)[];
  readonly severity: readonly (Severity | null)[];
  readonly codes: readonly (readonly Mark[])[];
  readonly usual: readonly (number | null)[];
  readonly tokens: readonly (number | null)[];
  /** Whether a step never came to its end, because the process did. */
  readonly unfinished: readonly boolean[];
  /** The index of the step that is running, or -1. */
  readonly running: number;
}

export interface Mark {
  readonly code: string;
  readonly severity: Severity;
}

const NO_MARKS: readonly Mark[] = [];

export function marksOf(table: StepTable, index: number): readonly Mark[] {
  return table.codes[index] ?? NO_MARKS;
}

/** Whether a step must never be folded away: it is blamed, carries a finding that counts, or did not end well. */
export function isEventful(table: StepTable, index: number): boolean {
  const severity = table.severity[index];
  if (table.role[index] != null || severity === "critical" || severity === "warning") return true;
  const outcome = table.outcome[index];
  return outcome !== "ok" && outcome !== "cached" && outcome !== "parent_command";
}

export function endOf(table: StepTable, index: number): number {
  return (table.start[index] ?? 0) + (table.duration[index] ?? 0);
}

/** The row of a step number, or -1. Numbers are 1-based and in order, so the guess nearly always holds. */
export function rowOf(table: StepTable, number: number | null | undefined): number {
  if (number == null) return -1;
  if (table.number[number - 1] === number) return number - 1;
  return table.number.indexOf(number);
}
