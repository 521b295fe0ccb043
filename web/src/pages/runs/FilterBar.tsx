import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Terminal } from "lucide-react";
import { useMemo, useState } from "react";
import { metaQuery, problemsQuery, rulesQuery, tracesQuery, trendQuery } from "../../api/queries";
import { count } from "../../format/count";
import { having, tokensOf, without } from "../../format/query";
import { CommandLine } from "../../parts/Copy";
import { useCommand } from "../../parts/useCommand";
import { Segmented } from "../../parts/Segmented";
import { FilterLine } from "./FilterLine";
import { total } from "./headline";
import type { Vocabulary } from "./suggest";
import { Views } from "./Views";
import styles from "./FilterBar.module.css";

type Segment = "all" | "findings" | "failed" | "other";

const SEGMENTS: Readonly<Record<Exclude<Segment, "all" | "other">, string>> = { findings: "failed,warning", failed: "failed" };

interface Props {
  readonly query: string;
  readonly scope: string;
  readonly onChange: (query: string) => void;
}

export function FilterBar({ query, scope, onChange }: Props) {
  const line = useCommand();
  const [command, setCommand] = useState(false);
  const vocabulary = useVocabulary(scope);
  const { data } = useInfiniteQuery(tracesQuery(query));
  const { data: trend } = useQuery(trendQuery(scope));
  const problems = data?.pages[0]?.query.problems ?? [];
  const buckets = trend?.buckets ?? [];
  const failed = total(buckets, (bucket) => bucket.failed);
  const warning = total(buckets, (bucket) => bucket.warning);
  const number = (value: number) => <span className="num"> {trend === undefined ? "" : count(value)}</span>;
  const choices = [
    { value: "all" as const, label: <>All{number(total(buckets, (bucket) => bucket.runs))}</> },
    { value: "findings" as const, label: <>Findings{number(failed + warning)}</> },
    { value: "failed" as const, label: <>Failed{number(failed)}</> },
  ];
  return (
    <>
      <div className={styles.bar}>
        <FilterLine query={query} problems={problems} vocabulary={vocabulary} onChange={onChange} />
        <Segmented<Segment>
          label="Which runs"
          value={segmentOf(query)}
          choices={choices}
          onChange={(segment) => onChange(segment === "findings" || segment === "failed" ? having(query, "status", SEGMENTS[segment]) : without(query, "status"))}
        />
        <Views query={query} onChange={onChange} />
        <button type="button" className={`btn ${styles.wide}`} aria-expanded={command} onClick={() => setCommand(!command)}>
          <Terminal size={14} strokeWidth={1.5} aria-hidden />
          Command
        </button>
      </div>
      {command && (
        <div className={styles.command}>
          <CommandLine command={line(...listWords(query))} />
        </div>
      )}
    </>
  );
}

/** The words of the command that lists the same runs. */
export function listWords(query: string): readonly string[] {
  return query === "" ? ["trace", "--list"] : ["trace", "--list", "--where", query];
}

function segmentOf(query: string): Segment {
  const statuses = tokensOf(query).filter((token) => token.key === "status" && !token.negated);
  if (statuses.length === 0) return "all";
  const value = statuses.length === 1 ? statuses[0]?.value.split(",").sort().join(",") : undefined;
  return value === SEGMENTS.failed ? "failed" : value === SEGMENTS.findings ? "findings" : "other";
}

function useVocabulary(scope: string): Vocabulary {
  const { data: meta } = useQuery(metaQuery);
  const { data: rules } = useQuery(rulesQuery);
  const { data: problems } = useQuery(problemsQuery(scope));
  const { data: trend } = useQuery(trendQuery(scope));
  return useMemo(() => {
    const runs = new Map<string, number>();
    for (const problem of problems?.items ?? []) runs.set(problem.code, (runs.get(problem.code) ?? 0) + problem.runs);
    const buckets = trend?.buckets ?? [];
    const codes = (rules?.items ?? []).map(({ code, name }) => ({ code, name, runs: runs.get(code) ?? null }));
    return {
      pipelines: meta?.pipelines ?? [],
      codes: codes.sort((one, other) => (other.runs ?? 0) - (one.runs ?? 0)),
      nodes: [...new Set((problems?.items ?? []).flatMap((problem) => (problem.node ? [problem.node] : [])))],
      statuses: {
        ok: -1,
        warning: total(buckets, (bucket) => bucket.warning),
        failed: total(buckets, (bucket) => bucket.failed),
        incomplete: -1,
      },
    };
  }, [meta, rules, problems, trend]);
}
