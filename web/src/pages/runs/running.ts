import type { Row } from "../../api/types";
import type { LiveEvent } from "../../live/events";

/** Runs that have begun and not ended, by id, newest first. */
export type Running = ReadonlyMap<string, Row>;

/** What is running after an event. */
export function takeEvent(running: Running, event: LiveEvent): Running {
  const id = text(event.data, "trace_id");
  if (id === "") return running;
  if (event.kind === "run_finished") {
    if (!running.has(id)) return running;
    return new Map([...running].filter(([one]) => one !== id));
  }
  if (event.kind === "run_started") return new Map([[id, begun(id, event)], ...running]);
  const row = running.get(id);
  if (row === undefined) return running;
  if (event.kind === "step_finished" || event.kind === "step_started") {
    return new Map(running).set(id, advanced(row, event));
  }
  return running;
}

function begun(id: string, event: LiveEvent): Row {
  return {
    id,
    short_id: id.slice(0, 6),
    pipeline: text(event.data, "pipeline"),
    created_at: text(event.data, "at") || new Date().toISOString(),
    status: "running",
    outcome: "",
    duration_ms: 0,
    node_count: 0,
    step_count: 0,
    headline: "Started",
    cause: null,
    symptom: null,
    counts: { critical: 0, warning: 0, info: 0 },
    tokens: null,
    graph_version: null,
    replay_of: null,
    ribbon: { ticks: [], cause: null, path: [], symptom: null },
  };
}

function advanced(row: Row, event: LiveEvent): Row {
  const node = text(event.data, "node");
  const step = Number(event.data["step_number"]);
  const spent = Number(event.data["duration_ms"]);
  const ticks = row.ribbon?.ticks ?? [];
  const since = new Date(text(event.data, "at")).getTime() - new Date(row.created_at).getTime();
  const ended = event.kind === "step_finished";
  return {
    ...row,
    headline: ended ? `Step ${step}, \`${node}\`, ended` : `In \`${node}\`, step ${step}`,
    duration_ms: Number.isFinite(since) && since > 0 ? since : row.duration_ms,
    ribbon: { ticks: ended ? [...ticks, height(spent)].slice(-40) : ticks, cause: null, path: [], symptom: null },
  };
}

/** A tick between 0 and 1: a millisecond is nothing, ten seconds are all. */
function height(ms: number): number {
  return Number.isFinite(ms) ? Math.min(1, Math.max(0, Math.log10(1 + ms) / 4)) : 0;
}

function text(data: Record<string, unknown>, key: string): string {
  const value = data[key];
  return typeof value === "string" ? value : "";
}
