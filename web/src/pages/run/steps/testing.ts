/** Tables made by hand, for tests. */
import type { Role, Severity, StepTable } from "./table";

export interface Made {
  readonly node: string;
  readonly superstep?: number;
  readonly parent?: number;
  readonly role?: Role;
  readonly severity?: Severity;
  readonly outcome?: string;
  readonly attempt?: number;
  readonly start?: number;
  readonly duration?: number;
}

export function made(...steps: readonly Made[]): StepTable {
  return {
    count: steps.length,
    number: steps.map((_, index) => index + 1),
    node: steps.map((step) => step.node),
    round: steps.map(() => null),
    branch: steps.map(() => 0),
    parent: Int32Array.from(steps, (step) => step.parent ?? -1),
    superstep: Int32Array.from(steps, (step) => step.superstep ?? -1),
    start: Float64Array.from(steps, (step, index) => step.start ?? index * 10),
    duration: Float64Array.from(steps, (step) => step.duration ?? 10),
    outcome: steps.map((step) => step.outcome ?? "ok"),
    attempt: steps.map((step) => step.attempt ?? 1),
    role: steps.map((step) => step.role ?? null),
    error: steps.map((step) => (step.outcome === "error" ? "KeyError" : null)),
    severity: steps.map((step) => step.severity ?? null),
    codes: steps.map((step) => (step.severity ? [{ code: "STR402", severity: step.severity }] : [])),
    usual: steps.map(() => null),
    tokens: steps.map(() => null),
    unfinished: steps.map(() => false),
    running: -1,
  };
}
