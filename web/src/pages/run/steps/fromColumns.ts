/** The server's columns as the table that the page works on. */
import type { StepColumns } from "../api";
import type { Severity, StepTable } from "./table";

const ORDER: readonly Severity[] = ["info", "warning", "critical"];

export function tableOf(columns: StepColumns): StepTable {
  const { count } = columns;
  const rowByNumber = new Map(columns.number.map((number, row) => [number, row]));
  const running = columns.status === "running" ? columns.duration_ms.lastIndexOf(null) : -1;
  const latest = columns.start_ms.reduce((most, start, row) => Math.max(most, start + (columns.duration_ms[row] ?? 0)), 0);
  return {
    count,
    number: columns.number,
    node: columns.node,
    round: columns.round.map((round, row) => ((columns.rounds[row] ?? 1) > 1 ? round : null)),
    branch: columns.branch,
    parent: Int32Array.from(columns.parent, (number) => (number === null ? -1 : (rowByNumber.get(number) ?? -1))),
    superstep: Int32Array.from(columns.superstep, (superstep) => superstep ?? -1),
    start: Float64Array.from(columns.start_ms),
    duration: Float64Array.from(columns.duration_ms, (took, row) => took ?? Math.max(0, latest - columns.start_ms[row]!)),
    outcome: columns.outcome,
    attempt: columns.attempt,
    role: columns.role,
    error: columns.error,
    severity: columns.findings.map((found) => found.reduce<Severity | null>((most, [severity]) => graver(most, severity), null)),
    codes: columns.findings.map((found) => found.map(([severity, code]) => ({ severity, code }))),
    usual: columns.usual_ms,
    tokens: columns.tokens,
    unfinished: columns.outcome.map((outcome) => columns.status === "incomplete" && outcome === "cancelled"),
    running,
  };
}

function graver(one: Severity | null, other: Severity): Severity {
  return one !== null && ORDER.indexOf(one) >= ORDER.indexOf(other) ? one : other;
}
