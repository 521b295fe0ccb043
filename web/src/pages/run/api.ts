/** What the server answers about one run, and how it is asked. The shapes are written from its OpenAPI document. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { address, ApiError, get, pathOf } from "../../api/client";
import { keys } from "../../api/queries";
import type * as schema from "../../api/schema";
import { parseJson } from "../../values/parse";
import { early } from "./early";

export type RunName = schema.RunName;
export type Usual = schema.Usual;
export type Segment = schema.Segment;
export type Verdict = schema.Verdict;
export type ChainLink = schema.ChainLink;
export type Suspect = schema.RunSuspect;
export type Suggestion = schema.Suggestion;
export type Cut = schema.CutShort;
export type Shown = schema.Shown;
export type EvidenceItem = schema.FindingEvidence;
export type Finding = schema.Finding;
export type GraphNodeInfo = schema.RunNode;
export type GraphEdgeInfo = schema.RunEdge;
export type ThreadHop = schema.ThreadHop;
export type GraphInfo = schema.RunGraph;
export type Command = schema.Command;
export type ErrorDetail = schema.ErrorInfo;
export type RunDetail = schema.RunPage;
export type StepColumns = schema.StepColumns;
export type Change = schema.Change;
export type StateField = schema.StateField;
export type ToolView = schema.ToolView;
export type TokenUsage = schema.TokenUsage;
export type LlmView = schema.LlmView;
export type MessagesPlace = schema.MessagesPlace;
export type StepPage = schema.StepPage;
export type ValueAnswer = schema.RecordedValue;
export type LineagePoint = schema.LineagePoint;
export type Lineage = schema.FieldLineage;

export type Side = "input" | "output" | "state" | "tools" | "llm";

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
