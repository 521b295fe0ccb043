import type { ReactNode } from "react";
import type { Bucket } from "../../api/types";
import { count, counted, rate } from "../../format/count";
import { duration } from "../../format/duration";
import { since } from "../../format/moment";
import { Band } from "../../parts/charts/Band";
import { Bars } from "../../parts/charts/Bars";
import { total } from "./headline";
import { usualRate } from "./trend";
import styles from "./TrendStrip.module.css";

/** Four figures and how they went, over the time in scope. */
export function TrendStrip({ buckets, whole, span }: { readonly buckets: readonly Bucket[]; readonly whole: Bucket | undefined; readonly span: string }) {
  const runs = total(buckets, (bucket) => bucket.runs);
  if (runs === 0) return null;
  const marked = total(buckets, (bucket) => bucket.failed + bucket.warning);
  const usual = usualRate(buckets);
  const tokens = whole?.tokens ?? null;
  return (
    <section className={styles.strip} aria-label={`Trend, ${span.toLowerCase()}`}>
      <Cell
        label="Runs · with findings"
        value={
          <>
            {count(runs)} {marked > 0 && <span className="crit">{count(marked)}</span>}
          </>
        }
      >
        <Bars
          label={`Runs over time, ${counted(marked, "run")} of ${count(runs)} with findings`}
          bars={buckets.map((bucket) => ({
            value: bucket.runs,
            marked: bucket.failed + bucket.warning,
            title: `${since(bucket.start)}: ${counted(bucket.runs, "run")}, ${bucket.failed + bucket.warning} with findings`,
          }))}
        />
      </Cell>
      <Cell
        label="Duration p50 · p95"
        value={
          <>
            {duration(whole?.p50_ms)}
            <span className={styles.second}> · {duration(whole?.p95_ms)}</span>
          </>
        }
      >
        <Band label="Duration over time, median and 95th percentile" middle={buckets.map((bucket) => bucket.p50_ms)} high={buckets.map((bucket) => bucket.p95_ms)} />
      </Cell>
      <Cell label="Tokens per run p50" value={whole !== undefined && tokens === null ? <span className={styles.second}>not recorded</span> : tokens === null ? "–" : count(Math.round(tokens))}>
        <Band label="Tokens per run over time" middle={buckets.map((bucket) => bucket.tokens)} high={buckets.map((bucket) => bucket.tokens)} />
      </Cell>
      <Cell
        label="Findings per 100 runs"
        value={
          <>
            {whole === undefined ? "–" : rate(whole.findings_per_100)}
            {usual !== null && <span className={styles.second}> usually {rate(usual)}</span>}
          </>
        }
      >
        <Bars
          label="Findings per 100 runs over time"
          bars={buckets.map((bucket) => ({
            value: bucket.findings_per_100,
            marked: usual !== null && bucket.findings_per_100 > Math.max(3, usual * 3) ? bucket.findings_per_100 : 0,
            title: `${since(bucket.start)}: ${rate(bucket.findings_per_100)} findings per 100 runs`,
          }))}
        />
      </Cell>
      <TrendTable buckets={buckets} />
    </section>
  );
}

function Cell({ label, value, children }: { readonly label: string; readonly value: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={styles.cell}>
      <div className="label">{label}</div>
      <div className={`${styles.value} num`}>{value}</div>
      {children}
    </div>
  );
}

/** The charts in words, for those who cannot see them. */
function TrendTable({ buckets }: { readonly buckets: readonly Bucket[] }) {
  return (
    <div className="unseen">
    <table>
      <caption>Trend by time</caption>
      <thead>
        <tr>
          <th>From</th>
          <th>Runs</th>
          <th>Failed</th>
          <th>With warnings</th>
          <th>Median duration</th>
          <th>Findings per 100 runs</th>
        </tr>
      </thead>
      <tbody>
        {buckets
          .filter((bucket) => bucket.runs > 0)
          .map((bucket) => (
            <tr key={bucket.start}>
              <td>{since(bucket.start)}</td>
              <td>{bucket.runs}</td>
              <td>{bucket.failed}</td>
              <td>{bucket.warning}</td>
              <td>{duration(bucket.p50_ms)}</td>
              <td>{rate(bucket.findings_per_100)}</td>
            </tr>
          ))}
      </tbody>
    </table>
    </div>
  );
}
