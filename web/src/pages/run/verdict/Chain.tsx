import { Fragment, useState } from "react";
import { duration } from "../../../format/duration";
import { visible } from "../../../format/hostile";
import { RoleGlyph } from "../../../parts/Badge";
import { Sentence } from "../../../parts/Sentence";
import { Name, Text } from "../../../parts/Text";
import type { ChainLink } from "../api";
import { shorten } from "./shorten";
import styles from "./Chain.module.css";

interface Props {
  readonly chain: readonly ChainLink[];
  readonly step: number | null;
  readonly symptomSeverity: string;
  readonly onStep: (step: number, field: string | null) => void;
}

const ROLES = { cause: "began here", path: "passed on", symptom: "surfaced here" } as const;

/** The way of the fault, link by link, with the field that carried it on each hop. */
export function Chain({ chain, step, symptomSeverity, onStep }: Props) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? chain.map((link, index) => ({ link, skipped: 0, index })) : shorten(chain, strengthOf);
  const wraps = whole && chain.length > 5;
  return (
    <ol className={wraps ? `${styles.chain} ${styles.wrapped}` : styles.chain} aria-label="How the fault travelled">
      {shown.map(({ link, skipped, index }, position) => {
        const last = position === shown.length - 1;
        if (link === null) {
          const after = chain[index + skipped - 1];
          return (
            <Fragment key={index}>
              <li className={styles.more}>
                <button type="button" className={styles.skipped} onClick={() => setWhole(true)} aria-label={`Show ${skipped} more steps of the chain`}>
                  +{skipped} {skipped === 1 ? "step" : "steps"}
                </button>
              </li>
              {after !== undefined && <Hop link={after} />}
            </Fragment>
          );
        }
        return (
          <Fragment key={index}>
            <li className={styles.item}>
              <Step link={link} selected={link.step_number !== null && link.step_number === step} mild={symptomSeverity !== "critical"} onStep={onStep} />
            </li>
            {!last && <Hop link={link} />}
          </Fragment>
        );
      })}
    </ol>
  );
}

/** A link that changed what it passed on has more to say than one that handed it through. */
function strengthOf(link: ChainLink): number {
  return (link.carried ? 2 : 0) + (link.field !== null ? 1 : 0) + Math.min(1, link.why.length / 200);
}

interface StepProps {
  readonly link: ChainLink;
  readonly selected: boolean;
  readonly mild: boolean;
  readonly onStep: (step: number, field: string | null) => void;
}

function Step({ link, selected, mild, onStep }: StepProps) {
  const { step_number: number, role } = link;
  const look = role === "cause" ? styles.cause : role === "symptom" ? (mild ? styles.mild : styles.symptom) : "";
  return (
    <button
      type="button"
      className={`${styles.link} ${look} ${selected ? styles.on : ""}`}
      aria-current={selected ? "step" : undefined}
      disabled={number === null}
      onClick={() => number !== null && onStep(number, role === "symptom" ? null : link.field)}
    >
      <span className={styles.head}>
        {role !== "path" && <RoleGlyph role={role} severity={mild ? "warning" : "critical"} />}
        <span className={`${styles.node} ell`} title={visible(link.node)}>
          <Name>{link.node}</Name>
        </span>
        {number !== null && <span className={`${styles.number} num`}>step {number}</span>}
        <span className={styles.role}>{ROLES[role]}</span>
      </span>
      <span className={styles.why}>
        <Sentence>{upper(link.why)}</Sentence>
      </span>
    </button>
  );
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Hop({ link }: { readonly link: ChainLink }) {
  const { field, carried: value, elapsed_ms: elapsed } = link;
  return (
    <li className={styles.hop} title={elapsed === null ? undefined : `${duration(elapsed)} later`}>
      <span className={styles.field} title={field === null ? undefined : visible(field)}>
        {field === null ? "" : <Text>{field}</Text>}
      </span>
      <span className={styles.line} aria-hidden />
      <span className={styles.value} title={visible(value)}>
        <Text>{value}</Text>
      </span>
    </li>
  );
}
