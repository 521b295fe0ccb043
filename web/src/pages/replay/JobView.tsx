import { Link } from "@tanstack/react-router";
import { duration } from "../../format/duration";
import { Glyph } from "../../parts/Glyph";
import { Failure } from "../../parts/States";
import { Name, Text } from "../../parts/Text";
import type { ReplayControl } from "./useReplay";
import styles from "./ReplayPage.module.css";

const VERDICTS = {
  resolved: ["check", "okay", "Resolved.", "The failure is gone in the new run."],
  not_resolved: ["symptom", "crit", "Not resolved.", "The new run fails as before."],
  different: ["triangle", "warn", "Different.", "The new run goes wrong in another way."],
} as const;

interface Props {
  readonly replay: ReplayControl;
  readonly runId: string;
  readonly planned: number;
}

/** A replay as it happens, then its verdict. */
export function JobView({ replay, runId, planned }: Props) {
  const { job, error } = replay;
  if (error !== null && job === null) return <Failure error={error} what="The replay could not be started." />;
  if (job === null) return <p className={styles.idle}>Steps that run for real appear here as they end, then the verdict.</p>;
  const verdict = job.verdict === null ? null : VERDICTS[job.verdict];
  return (
    <div className={styles.job}>
      {job.status === "running" && (
        <div className="row">
          <Glyph name="running" />
          <h2 className="section grow">Running, {job.steps.length} of {planned} steps ended.</h2>
          <button type="button" className="btn" onClick={() => void replay.cancel()}>
            Stop
          </button>
        </div>
      )}
      {verdict !== null && (
        <>
          <h2 className={styles.verdict}>
            <Glyph name={verdict[0]} size={18} className={verdict[1]} /> {verdict[2]}
          </h2>
          <p className="t2">{verdict[3]}</p>
        </>
      )}
      {job.status === "done" && verdict === null && <h2 className={styles.verdict}>Done.</h2>}
      {job.status === "cancelled" && <h2 className={styles.verdict}>Stopped after {job.steps.length} steps.</h2>}
      {job.status === "failed" && <h2 className={styles.verdict}>The replay stopped.</h2>}
      {job.error !== null && (
        <p className={styles.error}>
          <Text>{job.error}</Text>
        </p>
      )}
      <ol className={styles.steps2}>
        {job.steps.map((step, index) => (
          <li key={`${index} ${step.step_number}`} className={styles.step}>
            <span className="t3 num">{step.step_number}</span>
            <Name>{step.node}</Name>
            <span className="grow" />
            {step.outcome !== "ok" && (
              <span className={step.outcome === "error" ? "crit" : "t3"}>
                <Text>{step.outcome}</Text>
              </span>
            )}
            <span className="t2 num">{duration(step.duration_ms)}</span>
          </li>
        ))}
      </ol>
      {job.new_trace_id !== null && (
        <div className={styles.actions}>
          <Link to="/compare/$a/$b" params={{ a: runId, b: job.new_trace_id }} className="btn primary">
            Compare with the recorded run
          </Link>
          <Link to="/runs/$runId" params={{ runId: job.new_trace_id }} className="btn">
            Open the new run
          </Link>
        </div>
      )}
    </div>
  );
}
