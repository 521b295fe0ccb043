import { useQuery } from "@tanstack/react-query";
import { metaQuery, problemsQuery, trendQuery } from "../../api/queries";
import { count, counted } from "../../format/count";
import { tokensOf } from "../../format/query";
import { useCommand } from "../../parts/useCommand";
import { Failure, useLate } from "../../parts/States";
import { headlineOf, spanOf } from "./headline";
import { ProblemCards } from "./ProblemCards";
import { TrendStrip } from "./TrendStrip";
import styles from "./Overview.module.css";

/** The sentence, the problems and the trend of all runs in scope. */
export function Overview({ scope }: { readonly scope: string }) {
  const problems = useQuery(problemsQuery(scope));
  const trend = useQuery(trendQuery(scope));
  const whole = useQuery({ ...trendQuery(scope, 1), enabled: trend.data !== undefined });
  const line = useCommand();
  const meta = useQuery(metaQuery);
  const error = problems.error ?? trend.error;
  if (error !== null && (problems.data === undefined || trend.data === undefined)) {
    return <Failure error={error} what="The overview could not be loaded." retry={() => void Promise.all([problems.refetch(), trend.refetch()])} command={line("stats")} />;
  }
  if (problems.data === undefined || trend.data === undefined) return <Pending />;

  const named = tokensOf(scope).filter((token) => token.key === "pipeline" && !token.negated);
  const pipelines = named.length > 0 ? named.flatMap((token) => token.value.split(",")).length : (meta.data?.pipelines.length ?? 0);
  const span = spanOf(tokensOf(scope).find((token) => token.key === "since")?.value);
  const now = meta.data === undefined ? new Date() : new Date(meta.data.now);
  const { title, detail } = headlineOf(problems.data.items, trend.data.buckets, span, pipelines, now);
  return (
    <>
      <h1 className="title">{title}</h1>
      <p className={styles.detail}>
        {detail}
        {problems.data.looked_at < problems.data.troubled && ` Problems are told from the newest ${count(problems.data.looked_at)} of ${counted(problems.data.troubled, "run")} with findings.`}
        {trend.data.looked_at < trend.data.of_runs && ` The trend is drawn from the newest ${count(trend.data.looked_at)} of ${counted(trend.data.of_runs, "run")}.`}
      </p>
      <ProblemCards problems={problems.data.items} scope={scope} now={now} />
      <TrendStrip buckets={trend.data.buckets} whole={whole.data?.buckets[0]} span={span} />
    </>
  );
}

/** The space that will be taken, so that nothing jumps. */
function Pending() {
  const late = useLate(150);
  return (
    <div className={styles.pending} role="status" aria-label="Loading the overview">
      {late && (
        <>
          <span className={styles.wide} />
          <span className={styles.narrow} />
        </>
      )}
      <div className={styles.boxes} />
      <div className={styles.boxes} />
    </div>
  );
}
