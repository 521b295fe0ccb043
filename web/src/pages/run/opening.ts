/** Where a run opens: on its cause, else where it surfaced, else on its slowest step. */
import type { RunDetail } from "./api";
import type { StepTable } from "./steps/table";

export function openingStep(run: RunDetail | undefined, table: StepTable | undefined): number | null {
  const named = run?.header.cause?.step_number ?? run?.suspects[0]?.step_number ?? run?.header.symptom?.step_number ?? null;
  if (named !== null) return named;
  if (run === undefined || table === undefined || table.count === 0) return null;
  if (table.running >= 0) return table.number[table.running] ?? null;
  let slowest = 0;
  for (let index = 1; index < table.count; index++) if (table.duration[index]! > table.duration[slowest]!) slowest = index;
  return table.number[slowest] ?? null;
}
