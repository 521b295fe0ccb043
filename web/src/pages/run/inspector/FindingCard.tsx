import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { count } from "../../../format/count";
import { Code, SeverityBadge } from "../../../parts/Badge";
import { Meter } from "../../../parts/Meter";
import { Sentence } from "../../../parts/Sentence";
import { Name, Text } from "../../../parts/Text";
import { shortText } from "../../../values/kinds";
import type { EvidenceItem, Finding } from "../api";
import styles from "./FindingCard.module.css";

interface Props {
  readonly finding: Finding;
  readonly proof: string | null;
  readonly onPlace: (step: number, field: string | null) => void;
}

const SHOWN = 4;
/** A message that quotes a whole page is shown from its beginning. */
const LONG = 320;
const PROOFS: Readonly<Record<string, string>> = {
  observed: "seen in this step",
  lineage: "data lineage",
  counterfactual: "the run was right once this step was repaired",
};

/** A finding with what it rests on; every fact leads to its step and field. */
export function FindingCard({ finding, proof, onPlace }: Props) {
  const [all, setAll] = useState(false);
  const [whole, setWhole] = useState(false);
  const evidence = all ? finding.evidence : finding.evidence.slice(0, SHOWN);
  const hidden = finding.evidence.length - evidence.length;
  return (
    <article className={styles.card}>
      <header className={styles.head}>
        <SeverityBadge severity={finding.severity} />
        {finding.code !== "" && <Code code={finding.code} />}
        <span className={`${styles.name} ell`} title={finding.name}>
          {upper(finding.name)}
        </span>
        <span className="grow" />
        <Meter value={finding.confidence} what="confidence" />
      </header>
      <p className={styles.message}>
        <Sentence>{upper(whole ? finding.message : shortText(finding.message, LONG))}</Sentence>{" "}
        {!whole && finding.message.length > LONG && (
          <button type="button" className="link t2" onClick={() => setWhole(true)}>
            {count(finding.message.length - LONG)} more characters
          </button>
        )}
      </p>
      {(evidence.length > 0 || proof !== null) && (
        <dl className={styles.evidence}>
          {evidence.map((item, index) => (
            <Fact key={index} item={item} first={index === 0} here={finding.step_number} onPlace={onPlace} />
          ))}
          {proof !== null && (
            <>
              <dt>Proof</dt>
              <dd>{PROOFS[proof] ?? proof}</dd>
            </>
          )}
        </dl>
      )}
      <footer className={styles.foot}>
        {hidden > 0 && (
          <button type="button" className="link" onClick={() => setAll(true)}>
            {hidden} more {hidden === 1 ? "fact" : "facts"}
          </button>
        )}
        {finding.code !== "" && (
          <Link to="/rules/$code" params={{ code: finding.code }} className="link">
            Explain {finding.code}
          </Link>
        )}
        {finding.suppressed !== null && (
          <span className="t3">
            silenced: <Text>{finding.suppressed}</Text>
          </span>
        )}
      </footer>
    </article>
  );
}

interface FactProps {
  readonly item: EvidenceItem;
  readonly first: boolean;
  readonly here: number | null;
  readonly onPlace: (step: number, field: string | null) => void;
}

function Fact({ item, first, here, onPlace }: FactProps) {
  const { step_number: step, field, node, note, value } = item;
  const elsewhere = step !== null && step !== here;
  return (
    <>
      <dt>{first ? "Evidence" : ""}</dt>
      <dd>
        {step !== null && (elsewhere || field !== null) && (
          <button type="button" className={`link ${styles.place}`} onClick={() => onPlace(step, field)}>
            {elsewhere && (
              <>
                <Name>{node}</Name> <span className="num">{step}</span>
              </>
            )}
            {elsewhere && field !== null && " "}
            {field !== null && <Name>{field}</Name>}
          </button>
        )}{" "}
        <Sentence>{note}</Sentence>
        {value !== null && (
          <>
            {note === "" ? "" : ": "}
            <code className={styles.value}>
              <Text>{value.text.length > 140 ? `${value.text.slice(0, 140)}…` : value.text}</Text>
            </code>
          </>
        )}
      </dd>
    </>
  );
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
