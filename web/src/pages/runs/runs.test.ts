import { describe, expect, test } from "vitest";
import type { Bucket, Problem } from "../../api/types";
import { tokensOf } from "../../format/query";
import { headlineOf, spanOf } from "./headline";
import { takeEvent, type Running } from "./running";
import { doubtful, suggestions, type Vocabulary } from "./suggest";
import { median, usualRate } from "./trend";

const NOW = new Date(2025, 10, 24, 14, 6, 0);
const bucket = (runs: number, failed = 0, warning = 0, rate = 0): Bucket => ({ start: NOW.toISOString(), runs, failed, warning, p50_ms: 1, p95_ms: 2, tokens: null, findings_per_100: rate });
const problem = (isNew: boolean, hour: number): Problem => ({
  pipeline: "p", node: "n", is_cause: true, where: "", severity: "critical", code: "STR402", name: "", sentence: "", runs: 1, of_runs: 1,
  first_seen: new Date(2025, 10, 24, hour, 20, 0).toISOString(), last_seen: NOW.toISOString(), is_new: isNew, example_id: "x", spark: [],
});

describe("the headline", () => {
  const told = (problems: readonly Problem[], buckets: readonly Bucket[]) => headlineOf(problems, buckets, "Last 24 hours", 4, NOW);
  test("names problems and what is new", () => {
    expect(told([problem(true, 13), problem(false, 2), problem(false, 3)], [bucket(214, 6, 3)])).toEqual({
      title: "Three problems need you. One is new since 13:20.",
      detail: "9 of the last 214 runs carry findings; 205 are clean. Last 24 hours, 4 pipelines.",
    });
    expect(told([problem(true, 13)], [bucket(2, 1)]).title).toBe("One problem needs you, new since 13:20.");
    expect(told([problem(true, 13), problem(true, 12)], [bucket(2, 1)]).title).toBe("Two problems need you. All are new since 12:20.");
    expect(told([problem(false, 13)], [bucket(2, 1)]).title).toBe("One problem needs you.");
  });
  test("a quiet store gets no celebration", () => {
    expect(told([], [bucket(48)])).toEqual({ title: "Nothing needs you.", detail: "None of the last 48 runs carries findings. Last 24 hours, 4 pipelines." });
    expect(told([], [bucket(0)]).title).toBe("No runs here.");
  });
  test("spans are told in words", () => {
    expect([spanOf("24h"), spanOf("1h"), spanOf("7d"), spanOf(undefined), spanOf("2025-11-01")]).toEqual(["Last 24 hours", "Last hour", "Last 7 days", "All time", "Since 2025-11-01"]);
  });
});

test("what is usual is the middle of the earlier times", () => {
  expect(median([3, null, 1, 2])).toBe(2);
  expect(median([null])).toBeNull();
  expect(usualRate([bucket(5, 0, 0, 1), bucket(5, 0, 0, 2), bucket(0), bucket(5, 0, 0, 3), bucket(5, 0, 0, 40)])).toBe(2);
  expect(usualRate([bucket(5), bucket(5)])).toBeNull();
});

describe("suggestions", () => {
  const vocabulary: Vocabulary = {
    pipelines: ["support-rag", "my app"],
    codes: [{ code: "STR402", name: "undeclared_key", runs: 6 }],
    nodes: ["retrieve"],
    statuses: { ok: -1, failed: 6, warning: 3, incomplete: -1 },
  };
  const texts = (typed: string): readonly string[] => suggestions(typed, vocabulary).map((one) => one.text);
  test("keys, then values, then further alternatives", () => {
    expect(texts("st")).toEqual(["status:", "steps:"]);
    expect(texts("status:f")).toEqual(["status:failed"]);
    expect(texts("-status:failed,w")).toEqual(["-status:failed,warning"]);
    expect(texts("pipeline:my")).toEqual(['pipeline:"my app"']);
  });
  test("counts stand beside what was counted", () => {
    expect(suggestions("code:", vocabulary)[0]).toEqual({ text: "code:STR402", note: "undeclared key, 6 runs" });
    expect(suggestions("status:failed", vocabulary)[0]?.note).toBe("6 runs");
    expect(suggestions("status:ok", vocabulary)[0]?.note).toBe("");
  });
  test("an unknown key is doubted at once", () => {
    expect(doubtful(tokensOf("stauts:failed")[0]!)).toContain("status");
    expect(doubtful(tokensOf("status:failed")[0]!)).toBeNull();
    expect(doubtful(tokensOf('"free text"')[0]!)).toBeNull();
  });
});

test("a run is followed from its start to its end", () => {
  const event = (kind: string, data: Record<string, unknown>) => ({ kind, id: "1", data: { trace_id: "abcdef12", at: NOW.toISOString(), ...data } });
  let running: Running = new Map();
  running = takeEvent(running, event("run_started", { pipeline: "p" }));
  expect(running.get("abcdef12")).toMatchObject({ status: "running", pipeline: "p", short_id: "abcdef" });
  running = takeEvent(running, event("step_started", { node: "draft", step_number: 4 }));
  expect(running.get("abcdef12")?.headline).toBe("In `draft`, step 4");
  running = takeEvent(running, event("step_finished", { node: "draft", step_number: 4, duration_ms: 900 }));
  expect(running.get("abcdef12")?.ribbon?.ticks).toHaveLength(1);
  const before = running;
  expect(takeEvent(running, { kind: "step_finished", id: "2", data: { trace_id: "another" } })).toBe(before);
  expect(takeEvent(running, event("run_finished", {})).size).toBe(0);
});
