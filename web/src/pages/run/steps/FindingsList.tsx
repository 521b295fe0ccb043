import { SeverityGlyph, Code } from "../../../parts/Badge";
import { Meter } from "../../../parts/Meter";
import { Sentence } from "../../../parts/Sentence";
import { Name } from "../../../parts/Text";
import { shortText } from "../../../values/kinds";
import type { Finding } from "../api";
import styles from "./FindingsList.module.css";

interface Props {
  readonly findings: readonly Finding[];
  readonly step: number | null;
  readonly onFinding: (finding: Finding) => void;
}

/** Everything the detectors found, gravest first. */
export function FindingsList({ findings, step, onFinding }: Props) {
  const open = findings.filter((finding) => finding.suppressed === null);
  const silenced = findings.length - open.length;
  if (findings.length === 0) return <p className={styles.none}>No findings. All layers looked at every step.</p>;
  return (
    <ol className={styles.list} aria-label="Findings">
      {[...open, ...findings.filter((finding) => finding.suppressed !== null)].map((finding, index) => (
        <li key={finding.id || index}>
          <button
            type="button"
            className={`${styles.row} ${finding.step_number === step ? styles.on : ""} ${finding.suppressed === null ? "" : styles.silenced}`}
            onClick={() => onFinding(finding)}
          >
            <SeverityGlyph severity={finding.severity} size={15} />
            <span>
              <Code code={finding.code} />
            </span>
            <span className={styles.message}>
              <Sentence>{finding.message.charAt(0).toUpperCase() + shortText(finding.message.slice(1), 240)}</Sentence>
              {finding.suppressed !== null && <span className="t3"> silenced: {finding.suppressed}</span>}
            </span>
            <span className={`${styles.where} ell`}>
              {finding.node !== "" && <Name>{finding.node}</Name>} {finding.step_number !== null && <span className="t3 num">{finding.step_number}</span>}
            </span>
            <Meter value={finding.confidence} what="confidence" />
          </button>
        </li>
      ))}
      {silenced > 0 && <li className={styles.none}>{silenced} of {findings.length} silenced by configuration.</li>}
    </ol>
  );
}
