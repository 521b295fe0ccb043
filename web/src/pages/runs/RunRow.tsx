import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Row } from "../../api/types";
import { duration } from "../../format/duration";
import { full, started } from "../../format/moment";
import { visible } from "../../format/hostile";
import { FindingCounts, StatusBadge } from "../../parts/Badge";
import { Ribbon } from "../../parts/Ribbon";
import { Sentence } from "../../parts/Sentence";
import { Text } from "../../parts/Text";
import styles from "./RunTable.module.css";

interface Props {
  readonly row: Row;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly current: boolean;
  readonly picked: boolean;
}

/** One run in a line: how it ended, why, the thread through its steps, when and how long. */
export const RunRow = memo(function RunRow({ row, index, top, height, current, picked }: Props) {
  const quiet = row.status === "ok" && row.counts.critical + row.counts.warning === 0 && row.replay_of === null;
  const look = [styles.row, styles.run, quiet && styles.quiet, current && styles.current, picked && styles.pick].filter(Boolean).join(" ");
  const symptomSeverity = row.counts.critical > 0 || row.status === "failed" ? "critical" : "warning";
  return (
    <div role="row" aria-rowindex={index} aria-current={current || undefined} className={look} style={{ transform: `translateY(${top}px)`, height }}>
      <span role="cell">
        <StatusBadge status={row.status} />
      </span>
      <span role="cell" className={styles.why}>
        <Link to="/runs/$runId" params={{ runId: row.id }} className={styles.open} preload={false}>
          <Sentence cause={row.cause?.node} symptom={row.symptom?.node}>
            {row.replay_of === null ? row.headline : `Replay of \`${row.replay_of.slice(0, 8)}\`. ${row.headline}`}
          </Sentence>
        </Link>
      </span>
      <span role="cell" className="t2 ell" title={visible(row.pipeline)}>
        <Text>{row.pipeline}</Text>
      </span>
      <span role="cell" className={styles.ribbon}>
        {row.ribbon !== null && <Ribbon ribbon={row.ribbon} open={row.status === "running" || row.status === "incomplete"} symptomSeverity={symptomSeverity} />}
      </span>
      <span role="cell">
        <FindingCounts counts={row.counts} />
      </span>
      <span role="cell" className={`${styles.time} right num t2`}>
        {row.status === "incomplete" && "≥ "}
        {duration(row.duration_ms)}
      </span>
      <span role="cell" className={`${styles.when} right num t3`} title={full(row.created_at)}>
        {row.status === "running" ? "now" : started(row.created_at)}
      </span>
      <code role="cell" className="right t3 ell">
        {visible(row.short_id)}
      </code>
    </div>
  );
});
