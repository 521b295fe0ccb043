import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { metaQuery } from "../../api/queries";
import { visible } from "../../format/hostile";
import { StatusBadge } from "../../parts/Badge";
import { CommandLine } from "../../parts/Copy";
import { Glyph } from "../../parts/Glyph";
import { Sentence } from "../../parts/Sentence";
import { Failure, Waiting } from "../../parts/States";
import { Name } from "../../parts/Text";
import type { Search } from "../../selection/search";
import { useCommand } from "../../parts/useCommand";
import { useTitle } from "../../shell/title";
import { runQuery, stepQuery, stepsQuery } from "../run/api";
import { JobView } from "./JobView";
import { PatchEditor } from "./PatchEditor";
import { readPatch, splitAt } from "./patch";
import { useReplay } from "./useReplay";
import styles from "./ReplayPage.module.css";

/** What will run for real? */
export default function ReplayPage() {
  const { runId = "" } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as Search;
  const line = useCommand();
  const run = useQuery(runQuery(runId));
  useTitle(`Replay of ${run.data?.header.short_id ?? runId.slice(0, 6)}`);
  if (run.error !== null && run.data === undefined) {
    return (
      <main className="page">
        <Failure error={run.error} what="The run could not be loaded." retry={() => void run.refetch()} command={line("trace", runId)} />
      </main>
    );
  }
  if (run.data === undefined) {
    return (
      <main className="page">
        <Waiting rows={6} what="Loading the run" />
      </main>
    );
  }
  const { header, chain } = run.data;
  const asked = Number(search["from"]);
  const from = Number.isInteger(asked) && asked > 0 ? asked : (chain.find((link) => link.role === "cause")?.step_number ?? header.cause?.step_number ?? 1);
  return (
    <main className={`page ${styles.page}`}>
      <div className={styles.crumbs}>
        <StatusBadge status={header.status} />
        <Link to="/runs/$runId" params={{ runId: header.id }} className="link mono">
          {visible(header.short_id)}
        </Link>
        <span className="t3 ell">
          <Sentence cause={header.cause?.node} symptom={header.symptom?.node}>
            {header.headline}
          </Sentence>
        </span>
      </div>
      <Workshop runId={header.id} broken={header.outcome === "error"} from={from} cause={header.cause?.step_number ?? null} />
    </main>
  );
}

function Workshop({ runId, broken, from, cause }: { readonly runId: string; readonly broken: boolean; readonly from: number; readonly cause: number | null }) {
  const { data: meta } = useQuery(metaQuery);
  const line = useCommand();
  const steps = useQuery(stepsQuery(runId));
  const step = useQuery(stepQuery(runId, from));
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const replay = useReplay();
  if (steps.data === undefined || step.data === undefined) {
    const error = steps.error ?? step.error;
    return error === null ? <Waiting rows={5} what="Loading the steps" /> : <Failure error={error} what="The step could not be loaded." command={line("trace", runId, "--step", from)} />;
  }
  const split = splitAt(steps.data.number, steps.data.node, steps.data.superstep, from);
  const known = step.data.input.map((field) => ({ name: field.name, type: field.value.type, size: field.value.size }));
  const patch = readPatch(text, known);
  const command = line("replay", runId, "--app", meta?.replay?.app ?? "module:graph", "--from-step", from, ...(patch.kind === "patch" ? ["--patch", JSON.stringify(patch.value)] : []));
  const busy = replay.job?.status === "running";
  return (
    <div className={styles.work}>
      <section className={styles.editor} aria-label="What to change">
        <h1 className={styles.title}>
          From {cause === from && <Glyph name="cause" size={15} className="blame" title="the cause" />}           <select className={styles.steps} aria-label="First step that runs for real" value={from} onChange={(event) => void navigate({ to: ".", search: { from: event.target.value }, replace: true })}>
            {steps.data.number.map((number, index) => (
              <option key={number} value={number}>
                step {number}, {visible(steps.data.node[index] ?? "").slice(0, 40)}
              </option>
            ))}
          </select>
        </h1>
        <p className="t2">What the state holds before this step can be changed. Without a change the step runs on what was recorded.</p>
        <PatchEditor text={text} onChange={setText} patch={patch} fields={step.data.input} />
        <p className={styles.split}>
          <b className="num">{split.recorded}</b> from the recording · <b className="num">{split.live}</b> {split.live === 1 ? "runs" : "run"} for real:{" "}
          {split.nodes.slice(0, 8).map((node) => (
            <span key={node}>
              <Name>{node}</Name>{" "}
            </span>
          ))}
          {split.nodes.length > 8 && `and ${split.nodes.length - 8} more`}
          {broken && "and what follows, if it gets further"}
        </p>
        <p className={styles.effect}>
          <Glyph name="info" />
          <span>Steps that run for real do what they always do: a mail is sent, a row is written. Model and HTTP calls are answered from the recording where it has them.</span>
        </p>
        {meta !== undefined && meta.replay === null ? (
          <div className={styles.away}>
            <h2 className="section">This server cannot run your graph.</h2>
            <p className="t2">It was started without an app. Start it with one, or run the replay as a command.</p>
            <CommandLine command="argus ui --app module:graph" />
          </div>
        ) : (
          <div className={styles.actions}>
            <button type="button" className="btn primary" disabled={patch.kind === "wrong" || busy || meta === undefined} onClick={() => void replay.start(runId, from, patch.kind === "patch" ? patch.value : null)}>
              {busy ? "Running" : `Run ${split.live} ${split.live === 1 ? "step" : "steps"}`}
            </button>
            {meta?.replay !== null && meta !== undefined && (
              <span className="t3 small">
                with <code>{visible(meta.replay.app)}</code>, in a process of its own
              </span>
            )}
          </div>
        )}
        <CommandLine command={command} />
        {cause !== null && (
          <>
            <p className={styles.effect}>Which step is to blame can also be proved: it is repaired from a healthy run, and the rest runs again.</p>
            <CommandLine command={line("replay", runId, "--app", meta?.replay?.app ?? "module:graph", "--prove")} />
          </>
        )}
      </section>
      <section className={styles.result} aria-label="Result" aria-live="polite">
        <JobView replay={replay} runId={runId} planned={split.live} />
      </section>
    </div>
  );
}
