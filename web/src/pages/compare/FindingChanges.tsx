import type { FindingRef } from "../../api/types";
import { Code, SeverityGlyph } from "../../parts/Badge";
import { Name } from "../../parts/Text";
import { Sentence } from "../../parts/Sentence";
import styles from "./ComparePage.module.css";

interface Props {
  readonly gained: readonly FindingRef[];
  readonly lost: readonly FindingRef[];
}

/** Findings that only one of the two runs has. */
export function FindingChanges({ gained, lost }: Props) {
  if (gained.length === 0 && lost.length === 0) return null;
  const words = [lost.length > 0 ? `${lost.length} gone` : "none gone", gained.length > 0 ? `${gained.length} new in B` : "none new in B"];
  return (
    <section className={styles.findings} aria-label="Findings">
      <h3 className="label">Findings: {words.join(", ")}</h3>
      <ul>
        {[...gained.map((one) => ["new", one] as const), ...lost.map((one) => ["gone", one] as const)].map(([what, finding]) => (
          <li key={finding.id} className={styles.finding}>
            <span className={what === "new" ? styles.new : styles.gone}>{what}</span>
            {what === "new" ? <SeverityGlyph severity={finding.severity} /> : null}
            <Code code={finding.code} />
            <span className={`${what === "gone" ? styles.struck : ""} ell grow`}>
              <Sentence>{finding.message}</Sentence>
            </span>
            {finding.node && <Name className="t3">{finding.node}</Name>}
          </li>
        ))}
      </ul>
    </section>
  );
}
