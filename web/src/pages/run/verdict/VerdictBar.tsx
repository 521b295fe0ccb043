import { Link } from "@tanstack/react-router";
import { useMutation } from "@tanstack/react-query";
import { Check, SquareTerminal, GitCompareArrows, Play, WandSparkles } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { counted } from "../../../format/count";
import { duration } from "../../../format/duration";
import { visible } from "../../../format/hostile";
import { full } from "../../../format/moment";
import { commandLine } from "../../../format/shell";
import { StatusBadge } from "../../../parts/Badge";
import { IdChip, useCopied } from "../../../parts/Copy";
import { sentenceParts } from "../../../parts/Sentence";
import { Text } from "../../../parts/Text";
import { fetchFix, type RunDetail, type Segment } from "../api";
import styles from "./VerdictBar.module.css";

interface Props {
  readonly run: RunDetail;
  readonly onStep: (step: number) => void;
  readonly children?: ReactNode;
}

/** What broke, where it began, how sure that is, and what can be done about it. */
export function VerdictBar({ run, onStep, children }: Props) {
  return (
    <section className={styles.bar} aria-label="Verdict">
      <div className={styles.top}>
        <Facts run={run} />
        <Actions run={run} />
      </div>
      <h1 className={styles.verdict}>
        {segmentsOf(run).map((segment, index) => (
          <Part key={index} segment={segment} onStep={onStep} />
        ))}
      </h1>
      {children}
    </section>
  );
}

/** A run that goes on has no verdict yet; where it is says its headline. */
function segmentsOf(run: RunDetail): readonly Segment[] {
  return run.header.status === "running" ? [{ text: run.header.headline, step_number: null, role: null }] : run.verdict.segments;
}

function Facts({ run }: { readonly run: RunDetail }) {
  const { header, usual, verdict } = run;
  const open = header.status === "incomplete" || header.status === "running";
  return (
    <div className={styles.facts}>
      <StatusBadge status={header.status} />
      <Link to="/runs" search={{ q: `pipeline:${header.pipeline}` }} className={`link ${styles.pipeline}`} title={visible(header.pipeline)}>
        <Text>{header.pipeline}</Text>
      </Link>
      <IdChip id={header.id} short={header.short_id} />
      <span className="num">{full(header.created_at)}</span>
      <span className="num">
        {open ? "≥ " : ""}
        {duration(header.duration_ms)}
        {usual.run_ms !== null && <span className={styles.wide}> (usually {duration(usual.run_ms)})</span>}
      </span>
      <span className={`num ${styles.wide}`}>{counted(header.step_count, "step")}</span>
      {header.tokens !== null && header.tokens > 0 && <span className={`num ${styles.wide}`}>{counted(header.tokens, "token")}</span>}
      {verdict.score !== null && (
        <span className={`num ${styles.wide}`} title={verdict.proof === null ? undefined : PROOFS[verdict.proof]}>
          blame {verdict.score.toFixed(2)}
          {verdict.proof !== null && ` ${WORDS[verdict.proof] ?? `by ${verdict.proof}`}`}
        </span>
      )}
    </div>
  );
}

const WORDS: Readonly<Record<string, string>> = { observed: "as observed", lineage: "by lineage", counterfactual: "proved by replay" };
const PROOFS: Readonly<Record<string, string>> = {
  observed: "Seen in one step",
  lineage: "Followed along the data from the symptom back to the cause",
  counterfactual: "The run was repeated with the cause repaired",
};

function Actions({ run }: { readonly run: RunDetail }) {
  const { header, usual } = run;
  const { copied, copy } = useCopied();
  const command = useCopied();
  const fix = useMutation({ mutationFn: () => fetchFix(header.id), onSuccess: (text) => copy(text) });
  const from = header.cause?.step_number;
  const troubled = header.counts.critical + header.counts.warning > 0;
  return (
    <div className={styles.actions}>
      <button type="button" className={`btn quiet ${styles.wide}`} title="Copy the command that prints this run" onClick={() => void command.copy(commandLine("argus", "trace", header.short_id))}>
        {command.copied ? <Check size={14} strokeWidth={1.5} aria-hidden /> : <SquareTerminal size={14} strokeWidth={1.5} aria-hidden />}
        {command.copied ? "Copied" : "Command"}
      </button>
      {usual.last_good !== null && (
        <Link to="/compare/$a/$b" params={{ a: usual.last_good.short_id, b: header.short_id }} className={`btn ${styles.wide}`}>
          <GitCompareArrows size={14} strokeWidth={1.5} aria-hidden />
          {troubled ? "Compare with last good" : "Compare with the one before"}
        </Link>
      )}
      <Link to="/replay/$runId" params={{ runId: header.short_id }} search={from === undefined ? {} : { from: String(from) }} className="btn">
        <Play size={14} strokeWidth={1.5} aria-hidden />
        Replay
      </Link>
      {troubled && (
        <button type="button" className="btn primary" disabled={fix.isPending} onClick={() => fix.mutate()}>
          {copied ? <Check size={14} strokeWidth={1.5} aria-hidden /> : <WandSparkles size={14} strokeWidth={1.5} aria-hidden />}
          {fix.isError ? "Could not copy" : copied ? "Copied" : "Copy fix prompt"}
        </button>
      )}
    </div>
  );
}

/** Names of steps are links to them; other names stand in the fixed-width face. */
function Part({ segment, onStep }: { readonly segment: Segment; readonly onStep: (step: number) => void }) {
  const { step_number: step, role } = segment;
  if (step !== null) {
    const look = role === "cause" ? styles.cause : role === "symptom" ? styles.symptom : styles.named;
    return (
      <button type="button" className={`${styles.subject} ${look}`} onClick={() => onStep(step)} title={`Step ${step}`}>
        <Text>{segment.text.replaceAll("`", "")}</Text>
      </button>
    );
  }
  return (
    <>
      {sentenceParts(segment.text).map((part, index) => (
        <Fragment key={index}>{part.name ? <code><Text>{part.text}</Text></code> : <Text>{part.text}</Text>}</Fragment>
      ))}
    </>
  );
}

