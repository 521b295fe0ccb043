import type { Bucket, Problem } from "../../api/types";
import { count, counted, spelled } from "../../format/count";
import { since } from "../../format/moment";

export interface Headline {
  readonly title: string;
  readonly detail: string;
}

/** The page's first sentence: whether something is wrong, and whether it is new. */
export function headlineOf(problems: readonly Problem[], buckets: readonly Bucket[], span: string, pipelines: number, now: Date): Headline {
  const runs = total(buckets, (bucket) => bucket.runs);
  const marked = total(buckets, (bucket) => bucket.failed + bucket.warning);
  const fresh = problems.filter((problem) => problem.is_new);
  return {
    title: title(problems.length, fresh, runs, now),
    detail: [findings(marked, runs), `${span}, ${counted(pipelines, "pipeline")}.`].join(" "),
  };
}

function title(problems: number, fresh: readonly Problem[], runs: number, now: Date): string {
  if (problems === 0) return runs === 0 ? "No runs here." : "Nothing needs you.";
  const needs = `${spelled(problems)} ${problems === 1 ? "problem needs" : "problems need"} you.`;
  if (fresh.length === 0) return needs;
  const first = fresh.map((problem) => problem.first_seen).sort()[0] ?? "";
  if (fresh.length === problems && problems === 1) return `One problem needs you, new since ${since(first, now)}.`;
  const which = fresh.length === problems ? "All are" : `${spelled(fresh.length)} ${fresh.length === 1 ? "is" : "are"}`;
  return `${needs} ${which} new since ${since(first, now)}.`;
}

function findings(marked: number, runs: number): string {
  if (runs === 0) return "0 runs.";
  if (marked === 0) return runs === 1 ? "The one run carries no findings." : `None of the last ${count(runs)} runs carries findings.`;
  const clean = runs - marked;
  return `${count(marked)} of the last ${counted(runs, "run")} ${marked === 1 ? "carries" : "carry"} findings; ${count(clean)} ${clean === 1 ? "is" : "are"} clean.`;
}

export function total<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

const SPANS: Readonly<Record<string, string>> = { s: "seconds", min: "minutes", m: "minutes", h: "hours", d: "days", w: "weeks" };

/** "Last 24 hours" from the value of `since:`; "All time" without one. */
export function spanOf(value: string | undefined): string {
  if (value === undefined || value === "") return "All time";
  const parsed = /^(\d+)(s|min|m|h|d|w)$/.exec(value);
  if (parsed === null) return `Since ${value}`;
  const unit = SPANS[parsed[2] ?? ""] ?? "";
  return parsed[1] === "1" ? `Last ${unit.slice(0, -1)}` : `Last ${parsed[1]} ${unit}`;
}
