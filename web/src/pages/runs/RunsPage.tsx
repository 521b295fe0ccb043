import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { metaQuery } from "../../api/queries";
import { without } from "../../format/query";
import type { Search } from "../../selection/search";
import { useTitle } from "../../shell/title";
import { FilterBar } from "./FilterBar";
import { NoRunsYet } from "./NoRunsYet";
import { Overview } from "./Overview";
import { RunTable } from "./RunTable";

/** Is something wrong, and is it new? */
export default function RunsPage() {
  const { q = "" } = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const meta = useQuery(metaQuery);
  const setQuery = useCallback(
    (next: string) => void navigate({ to: "/runs", search: next ? { q: next } : {}, resetScroll: false }),
    [navigate],
  );
  useTitle("Runs");

  // Problems, trend and the counts of the segments say how things are; the chosen segment only narrows the list.
  const scope = without(q, "status");

  if (meta.data?.trace_count === 0 && q === "") {
    return (
      <main className="page">
        <NoRunsYet store={meta.data.store} />
      </main>
    );
  }
  return (
    <main className="page">
      <Overview scope={scope} />
      <FilterBar query={q} scope={scope} onChange={setQuery} />
      <RunTable query={q} onChange={setQuery} />
    </main>
  );
}
