import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, get, pathOf } from "./client";
import type { History, Meta, Problems, Row, Rule, RuleManual, Rules, SettingsList, Comparison, TracePage, Trend } from "./types";

/** One cache for all pages; what has passed is asked again, what is wrong is not. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.passing,
        retryDelay: (attempt) => Math.min(4000, 500 * 2 ** attempt),
      },
    },
  });
}

/** Keys begin with what they are about, so that a live event can name what it changed. */
export const keys = {
  meta: ["meta"] as const,
  lists: ["lists"] as const,
  run: (id: string) => ["run", id] as const,
};

export const metaQuery = queryOptions({
  queryKey: keys.meta,
  queryFn: ({ signal }) => get<Meta>("/meta", {}, signal),
  refetchInterval: 30_000,
});

export const PAGE_SIZE = 100;

export const tracesQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, "traces", q],
    queryFn: ({ pageParam, signal }) => get<TracePage>("/traces", { q, limit: PAGE_SIZE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });

export const problemsQuery = (q: string) =>
  queryOptions({
    queryKey: [...keys.lists, "problems", q],
    queryFn: ({ signal }) => get<Problems>("/problems", { q }, signal),
    placeholderData: keepPreviousData,
  });

export const trendQuery = (q: string, buckets = 24) =>
  queryOptions({
    queryKey: [...keys.lists, "trend", q, buckets],
    queryFn: ({ signal }) => get<Trend>("/trend", { q, buckets }, signal),
    placeholderData: keepPreviousData,
  });

export const runRowQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.lists, "row", id],
    queryFn: ({ signal }) => get<{ readonly header: Row }>(`/traces${pathOf(id)}`, {}, signal).then((page) => page.header),
    staleTime: Infinity,
    retry: false,
  });

export const comparisonQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ["compare", a, b],
    queryFn: ({ signal }) => get<Comparison>(`/compare${pathOf(a, b)}`, {}, signal),
    staleTime: Infinity,
  });

export const historyQuery = (pipeline: string, from?: string) =>
  queryOptions({
    queryKey: [...keys.lists, "history", pipeline, from ?? ""],
    queryFn: ({ signal }) => get<History>(`/pipelines${pathOf(pipeline)}/history`, { from }, signal),
    placeholderData: keepPreviousData,
  });

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: ({ signal }) => get<readonly Rule[]>("/rules", {}, signal).then((items): Rules => ({ items })),
  staleTime: Infinity,
});

export const ruleQuery = (code: string) =>
  queryOptions({
    queryKey: ["rules", code],
    queryFn: ({ signal }) => get<RuleManual>(`/rules${pathOf(code)}`, {}, signal),
    staleTime: Infinity,
  });

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => get<SettingsList>("/settings", {}, signal),
});
