import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { visible } from "../../../format/hostile";
import { Meter } from "../../../parts/Meter";
import { Sentence } from "../../../parts/Sentence";
import { Name } from "../../../parts/Text";
import type { Suspect } from "../api";
import styles from "./Suspects.module.css";

interface Props {
  readonly suspects: readonly Suspect[];
  readonly runId: string;
  readonly step: number | null;
  /** Whether the server was started with the app, so that a suspect can be tried. */
  readonly canReplay: boolean;
  readonly onStep: (step: number) => void;
}

const SHOWN = 3;

/** Who may have done it, when no step can be named. */
export function Suspects({ suspects, runId, step, canReplay, onStep }: Props) {
  const first = suspects[0];
  if (first === undefined) return null;
  return (
    <div className={styles.box}>
      <ol className={styles.list} aria-label="Suspects, the likeliest first">
        {suspects.slice(0, SHOWN).map((suspect, index) => (
          <li key={index}>
            <button
              type="button"
              className={suspect.step_number !== null && suspect.step_number === step ? `${styles.row} ${styles.on}` : styles.row}
              disabled={suspect.step_number === null}
              onClick={() => suspect.step_number !== null && onStep(suspect.step_number)}
            >
              <span className={`${styles.rank} num`}>{index + 1}</span>
              <span className="ell" title={visible(suspect.node)}>
                <Name className={styles.node}>{suspect.node}</Name>
              </span>
              <span className="num t3">{suspect.step_number === null ? "" : `step ${suspect.step_number}`}</span>
              <span className={`${styles.why} ell`}>
                <Sentence>{suspect.reasons.join("; ")}</Sentence>
              </span>
              <Meter value={suspect.score} what="suspicion" />
            </button>
          </li>
        ))}
      </ol>
      <div className={styles.foot}>
        {canReplay && first.step_number !== null && (
          <Link to="/replay/$runId" params={{ runId }} search={{ from: String(first.step_number), prove: "1" }} className="btn">
            <Play size={14} strokeWidth={1.5} aria-hidden />
            Prove the first
          </Link>
        )}
        {suspects.length > SHOWN && <span className="t3 small">{`${SHOWN} of ${suspects.length} suspects`}</span>}
      </div>
    </div>
  );
}
