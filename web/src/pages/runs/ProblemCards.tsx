import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Problem } from "../../api/types";
import { counted } from "../../format/count";
import { ago } from "../../format/moment";
import { Code, SeverityBadge } from "../../parts/Badge";
import { Glyph } from "../../parts/Glyph";
import { Sentence } from "../../parts/Sentence";
import { Text } from "../../parts/Text";
import { Spark } from "../../parts/charts/Spark";
import styles from "./ProblemCards.module.css";

const FIRST = 3;

interface Props {
  readonly problems: readonly Problem[];
  readonly scope: string;
  readonly now: Date;
}

/** Runs that went wrong in the same way are one problem. */
export function ProblemCards({ problems, scope, now }: Props) {
  const [all, setAll] = useState(false);
  if (problems.length === 0) return null;
  const shown = all ? problems : problems.slice(0, FIRST);
  const hidden = problems.length - FIRST;
  return (
    <section className={styles.area} aria-label="Problems">
      <div className={styles.cards} data-count={Math.min(shown.length, FIRST)}>
        {shown.map((problem) => (
          <Card key={`${problem.pipeline}/${problem.node}/${problem.code}`} problem={problem} scope={scope} now={now} />
        ))}
      </div>
      {hidden > 0 && (
        <button type="button" className={`${styles.more} link`} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the first 3" : `Show ${counted(hidden, "more problem")}`}
        </button>
      )}
    </section>
  );
}

function Card({ problem, scope, now }: { readonly problem: Problem; readonly scope: string; readonly now: Date }) {
  return (
    <article className={problem.is_new ? `${styles.card} ${styles.fresh}` : styles.card}>
      <div className="row">
        {problem.is_new && (
          <span className={styles.new}>
            <Glyph name="cause" size={11} />
            New
          </span>
        )}
        <SeverityBadge severity={problem.severity} />
        {problem.code !== "" && <Code code={problem.code} />}
        <span className="grow" />
        <span className="small t3 ell">
          <Text>{problem.pipeline}</Text>
        </span>
      </div>
      <Link to="/runs/$runId" params={{ runId: problem.example_id }} className={styles.sentence}>
        <Sentence cause={problem.is_cause ? problem.node : null}>{problem.sentence}</Sentence>
      </Link>
      <div className={styles.facts}>
        <Spark values={problem.spark} label={`${counted(problem.runs, "run")} over time`} />
        <Link to="/runs" search={{ q: [scope, problem.where].filter(Boolean).join(" ") }} className={`${styles.runs} link num`}>
          {counted(problem.runs, "run")}
        </Link>
        <span className="num">of {problem.of_runs}</span>
        <span className="grow" />
        <span className="num">last {ago(problem.last_seen, now)}</span>
      </div>
    </article>
  );
}
