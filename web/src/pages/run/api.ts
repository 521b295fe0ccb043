/** What the server answers about one run, and how it is asked. The shapes follow its OpenAPI document. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { address, ApiError, get, pathOf } from "../../api/client";
import { keys } from "../../api/queries";
import type { Row } from "../../api/types";
import type { Json } from "../../values/kinds";
import { parseJson } from "../../values/parse";
import { early } from "./early";
import type { Role, Severity } from "./steps/table";

export interface RunHeader extends Row {
  readonly step_count: number;
}

export interface RunName {
  readonly id: string;
  readonly short_id: string;
  readonly created_at: string;
}

export interface Usual {
  readonly healthy_runs: number;
  readonly run_ms: number | null;
  readonly last_good: RunName | null;
}

export interface Segment {
  readonly text: string;
  readonly step_number: number | null;
  readonly role: Role | null;
}

export interface Verdict {
  readonly sentence: string;
  readonly segments: readonly Segment[];
  readonly explanation: string;
  readonly named: boolean;
  readonly score: number | null;
  readonly proof: string | null;
}

export interface ChainLink {
  readonly step_number: number | null;
  readonly node: string;
  readonly role: Role;
  readonly why: string;
  readonly field: string | null;
  readonly carried: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly elapsed_ms: number | null;
}

export interface Suspect {
  readonly step_number: number | null;
  readonly node: string;
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface Suggestion {
  readonly text: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface Cut {
  readonly kept: number;
  readonly total: number;
  readonly hash: string;
}

/** A value at first sight: whole when it is small. */
export interface Shown {
  readonly text: string;
  readonly type: string;
  readonly size: string;
  readonly whole: boolean;
  readonly value: Json;
  readonly cut: Cut | null;
  readonly redacted: boolean;
}

export interface EvidenceItem {
  readonly step_number: number | null;
  readonly node: string;
  readonly field: string | null;
  readonly note: string;
  readonly value: Shown | null;
}

export interface Finding {
  readonly id: string;
  readonly step_number: number | null;
  readonly node: string;
  readonly code: string;
  readonly name: string;
  readonly layer: string;
  readonly severity: Severity;
  readonly message: string;
  readonly field: string | null;
  readonly confidence: number;
  readonly suppressed: string | null;
  readonly evidence: readonly EvidenceItem[];
}

export interface GraphNodeInfo {
  readonly path: string;
  readonly name: string;
  readonly parent: string | null;
  readonly kind: string;
  readonly declared: boolean;
  readonly executions: number;
  readonly steps: readonly number[];
  readonly duration_ms: number;
  readonly usual_ms: number | null;
  readonly fact: string;
  readonly role: Role | null;
  readonly worst: Severity | null;
}

export interface GraphEdgeInfo {
  readonly source: string;
  readonly target: string;
  readonly parent: string | null;
  readonly conditional: boolean;
  readonly taken: boolean;
  readonly count: number;
}

export interface ThreadHop {
  readonly source: string;
  readonly target: string;
  readonly field: string | null;
}

export interface GraphInfo {
  readonly name: string;
  readonly version: string | null;
  readonly nodes: readonly GraphNodeInfo[];
  readonly edges: readonly GraphEdgeInfo[];
  readonly thread: readonly ThreadHop[];
  readonly declared: number;
  readonly ran: number;
}

export interface Command {
  readonly name: string;
  readonly line: string;
}

export interface ErrorDetail {
  readonly type: string;
  readonly message: string;
  readonly traceback: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly handled: boolean;
}

export interface RunDetail {
  readonly header: RunHeader;
  readonly usual: Usual;
  readonly metadata: Readonly<Record<string, Json>>;
  readonly gaps: readonly string[];
  readonly verdict: Verdict;
  readonly chain: readonly ChainLink[];
  readonly suspects: readonly Suspect[];
  readonly suggestions: readonly Suggestion[];
  readonly detections: readonly Finding[];
  readonly graph: GraphInfo;
  readonly error: ErrorDetail | null;
  readonly commands: readonly Command[];
}

export interface StepColumns {
  readonly count: number;
  readonly status: string;
  readonly number: readonly number[];
  readonly node: readonly string[];
  readonly round: readonly number[];
  readonly rounds: readonly number[];
  readonly branch: readonly number[];
  readonly branches: readonly number[];
  readonly parent: readonly (number | null)[];
  readonly start_ms: readonly number[];
  readonly duration_ms: readonly (number | null)[];
  readonly usual_ms: readonly (number | null)[];
  readonly outcome: readonly string[];
  readonly error: readonly (string | null)[];
  readonly attempt: readonly number[];
  readonly superstep: readonly (number | null)[];
  readonly findings: readonly (readonly (readonly [Severity, string])[])[];
  readonly role: readonly (Role | null)[];
  readonly tokens: readonly (number | null)[];
}

export type Side = "input" | "output" | "state" | "tools" | "llm";

export interface Change {
  readonly path: string;
  readonly mark: "+" | "~" | "-" | "!" | "∅";
  readonly before: Shown | null;
  readonly after: Shown | null;
  readonly note: string;
  readonly type: string;
}

export interface StateField {
  readonly name: string;
  readonly value: Shown;
}

export interface ToolView {
  readonly name: string;
  readonly arguments: Shown;
  readonly result: Shown;
  readonly error: ErrorDetail | null;
  readonly duration_ms: number | null;
  readonly call_id: string | null;
}

export interface TokenUsage {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly total_tokens: number | null;
}

export interface LlmView {
  readonly model: string | null;
  readonly messages: Shown;
  readonly response: Shown;
  readonly usage: TokenUsage | null;
  readonly finish_reason: string | null;
  readonly error: ErrorDetail | null;
  readonly duration_ms: number | null;
}

export interface MessagesPlace {
  readonly side: Side;
  readonly path: string;
  readonly count: number;
}

export interface StepPage {
  readonly step_number: number;
  readonly node: string;
  readonly role: Role | null;
  readonly outcome: string;
  readonly running: boolean;
  readonly attempt: number;
  readonly start_ms: number;
  readonly duration_ms: number | null;
  readonly usual_ms: number | null;
  readonly cpu_ms: number | null;
  readonly parent: number | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly beside: number;
  readonly source: { readonly file: string; readonly line: number | null } | null;
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly input: readonly StateField[];
  readonly output: readonly StateField[];
  readonly state: readonly StateField[];
  readonly tool_calls: readonly ToolView[];
  readonly llm_calls: readonly LlmView[];
  readonly tokens: TokenUsage | null;
  readonly error: ErrorDetail | null;
  readonly findings: readonly Finding[];
  readonly messages: readonly MessagesPlace[];
  readonly metadata: Readonly<Record<string, Json>>;
  readonly commands: readonly Command[];
}

export interface ValueAnswer {
  readonly value: Json;
  readonly type: string;
  readonly size: string;
  /** Characters of JSON of the whole value. */
  readonly characters: number;
  readonly cut: Cut | null;
  readonly redacted: boolean;
  /** What this answer leaves out, or null when it is whole. */
  readonly partial: { readonly kept: number; readonly total: number } | null;
}

export interface LineagePoint {
  readonly step_number: number;
  readonly node: string;
  readonly kind: "write" | "read" | "expected";
}

export interface Lineage {
  readonly field: string;
  readonly known: boolean;
  readonly near: readonly string[];
  readonly steps: number;
  readonly points: readonly LineagePoint[];
}

const SETTLED = 5 * 60_000;
const WATCHED = 2000;

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }) => early<RunDetail>(id, `/traces${pathOf(id)}`, signal),
    staleTime: SETTLED,
    // Events tell of what happens; this is for the time that passes while nothing does.
    refetchInterval: (query) => (query.state.data?.header.status === "running" ? WATCHED : false),
  });

export const stepsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.run(id), "steps"],
    queryFn: ({ signal }) => early<StepColumns>(id, `/traces${pathOf(id)}/steps`, signal),
    staleTime: SETTLED,
    refetchInterval: (query) => (query.state.data?.status === "running" ? WATCHED : false),
  });

export const stepQuery = (id: string, step: number) =>
  queryOptions({
    queryKey: [...keys.run(id), "step", step],
    queryFn: ({ signal }) => get<StepPage>(`/traces${pathOf(id, "steps", step)}`, {}, signal),
    staleTime: SETTLED,
    placeholderData: keepPreviousData,
  });

export const valueQuery = (id: string, step: number, side: Side, path: string, full: boolean) =>
  queryOptions({
    queryKey: [...keys.run(id), "value", step, side, path, full],
    queryFn: ({ signal }) => getLarge<ValueAnswer>(address(`/traces${pathOf(id, "steps", step, "value")}`, { side, path, full }), signal),
    staleTime: SETTLED,
    gcTime: SETTLED,
  });

export const lineageQuery = (id: string, field: string) =>
  queryOptions({
    queryKey: [...keys.run(id), "lineage", field],
    queryFn: ({ signal }) => getLarge<Lineage>(address(`/traces${pathOf(id)}/lineage`, { field }), signal),
    staleTime: SETTLED,
  });

export async function fetchFix(id: string): Promise<string> {
  return (await get<{ readonly text: string }>(`/traces${pathOf(id)}/fix`)).text;
}

/** As {@link get}, with the answer parsed off the main thread when it is large. */
async function getLarge<T>(url: string, signal: AbortSignal): Promise<T> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as { title?: string; detail?: string; hint?: string };
    throw new ApiError(answer.status, problem.title ?? answer.statusText, problem.detail ?? "", problem.hint);
  }
  return parseJson<T>(await answer.text());
}
