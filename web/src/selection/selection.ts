import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Search } from "./search";

/** What is looked at. It stands in the address and nowhere else; everything on the page is derived from it. */
export interface Selection {
  readonly run: string | null;
  readonly step: number | null;
  readonly field: string | null;
  readonly tab: string | null;
  /** The run that the state is compared with. */
  readonly base: string | null;
  readonly pane: string | null;
}

export type SelectionChange = Partial<Omit<Selection, "run">> & { readonly run?: string };

export function readSelection(run: string | null, search: Search): Selection {
  const step = Number(search["step"]);
  return {
    run,
    step: search["step"] !== undefined && Number.isInteger(step) && step > 0 ? step : null,
    field: search["field"] ?? null,
    tab: search["tab"] ?? null,
    base: search["base"] ?? null,
    pane: search["pane"] ?? null,
  };
}

/** The query after a change; another step drops the field, another run drops everything but the pane. */
export function changedSearch(search: Search, before: Selection, change: SelectionChange): Record<string, string> {
  const otherRun = change.run !== undefined && change.run !== before.run;
  const otherStep = change.step !== undefined && change.step !== before.step;
  const next: Record<string, string> = otherRun ? (search["pane"] ? { pane: search["pane"] } : {}) : { ...search };
  if (otherStep) delete next["field"];
  for (const key of ["step", "field", "tab", "base", "pane"] as const) {
    const value = change[key];
    if (value === undefined) continue;
    if (value === null) delete next[key];
    else next[key] = String(value);
  }
  return next;
}

/** The selection and the one way to change it. History grows only when the run changes. */
export function useSelection(): readonly [Selection, (change: SelectionChange) => void] {
  const search = useSearch({ strict: false }) as Search;
  const { runId = null } = useParams({ strict: false }) as { runId?: string | null };
  const navigate = useNavigate();
  const selection = useMemo(() => readSelection(runId, search), [runId, search]);
  const select = useCallback(
    (change: SelectionChange) => {
      const next = changedSearch(search, selection, change);
      if (change.run !== undefined && change.run !== selection.run) {
        void navigate({ to: "/runs/$runId", params: { runId: change.run }, search: next });
      } else {
        void navigate({ to: ".", search: next, replace: true, resetScroll: false });
      }
    },
    [navigate, search, selection],
  );
  return [selection, select];
}
