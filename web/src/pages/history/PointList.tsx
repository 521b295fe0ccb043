import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { History } from "../../api/types";
import { counted } from "../../format/count";
import { duration } from "../../format/duration";
import { full, started } from "../../format/moment";
import { visible } from "../../format/hostile";
import { Code, StatusBadge } from "../../parts/Badge";
import { Sentence } from "../../parts/Sentence";
import type { Brush } from "./HistoryPage";
import styles from "./HistoryPage.module.css";

const FIRST = 60;

interface Props {
  readonly history: History;
  readonly brush: Brush | null;
  readonly onClear: () => void;
}

/** The runs under the brush, newest first. */
export function PointList({ history, brush, onClear }: Props) {
  const [most, setMost] = useState(FIRST);
  const inside = history.points.filter((point) => brush === null || (Date.parse(point.created_at) >= brush.from && Date.parse(point.created_at) <= brush.to)).toReversed();
  return (
    <section className={styles.runs} aria-label="Runs">
      <div className={styles.runsHead}>
        <h2 className="section">{brush === null ? counted(inside.length, "run") : `${counted(inside.length, "run")} from ${started(new Date(brush.from).toISOString())} to ${started(new Date(brush.to).toISOString())}`}</h2>
        {brush !== null && (
          <button type="button" className="link t2" onClick={onClear}>
            Show all {history.points.length}
          </button>
        )}
        {brush === null && <span className="t3 small">Drag over the chart to choose a time.</span>}
      </div>
      <ul className={styles.list}>
        {inside.slice(0, most).map((point) => (
          <li key={point.id} className={styles.run}>
            <span className={styles.status}>
              <StatusBadge status={point.status} />
            </span>
            <span className={point.findings.length === 0 ? `${styles.words} t3` : styles.words}>
              <Link to="/runs/$runId" params={{ runId: point.id }} className={styles.open}>
                <Sentence>{point.headline}</Sentence>
              </Link>
            </span>
            <span className={styles.codes}>
              {[...new Set(point.findings.map((finding) => finding.code))].slice(0, 3).map((code) => (
                <Code key={code} code={code} />
              ))}
            </span>
            <code className={`${styles.version} t3`}>{visible((point.version ?? "").slice(0, 7))}</code>
            <span className={`${styles.time} num t2 right`}>{duration(point.duration_ms)}</span>
            <span className={`${styles.when} num t3 right`} title={full(point.created_at)}>
              {started(point.created_at)}
            </span>
          </li>
        ))}
      </ul>
      {inside.length > most && (
        <button type="button" className="btn" onClick={() => setMost(most + 200)}>
          Show {Math.min(200, inside.length - most)} more of {inside.length}
        </button>
      )}
    </section>
  );
}
