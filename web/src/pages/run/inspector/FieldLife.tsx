import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { visible } from "../../../format/hostile";
import { Name, Text } from "../../../parts/Text";
import { topLevel } from "../../../values/paths";
import { lineageQuery, type LineagePoint } from "../api";
import { lifeOf, type LifePoint } from "./life";
import styles from "./FieldLife.module.css";

interface Props {
  readonly runId: string;
  readonly field: string;
  readonly step: number;
  /** The first step of the blame, from where the thread runs; null without one. */
  readonly cause: number | null;
  /** The step where the fault surfaced. */
  readonly symptom: number | null;
  readonly onStep: (step: number) => void;
}

const SHOWN = 5;

/** Who wrote the field, who read it and where a write was missing, on the axis of the steps. */
export function FieldLife({ runId, field, step, cause, symptom, onStep }: Props) {
  const name = topLevel(field);
  const { data } = useQuery(lineageQuery(runId, name));
  const points = useMemo(() => (data === undefined ? [] : lifeOf(data.points, step, SHOWN)), [data, step]);
  if (data === undefined || !data.known) return null;
  const written = data.points.some((point) => point.kind === "write");
  return (
    <section className={styles.card} aria-label={`Life of ${visible(name)}`}>
      <header className={styles.head}>
        <h3 className={styles.title}>
          Life of{" "}
          <Name>{name}</Name>
        </h3>
        <span className={styles.legend} aria-hidden>
          <span>■ write</span>
          <span>○ read</span>
          {data.points.some((point) => point.kind === "expected") && <span>◆ write expected</span>}
        </span>
      </header>
      {points.length === 0 ? (
        <p className="t2 small">
          {written ? "No step read it." : <><Name>{name}</Name> was never written.</>}
        </p>
      ) : (
        <ol className={styles.axis}>
          {points.map((point, index) => (
            <Point key={index} point={point} next={points[index + 1]} cause={cause} symptom={symptom} here={step} onStep={onStep} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface PointProps {
  readonly point: LifePoint;
  readonly next: LifePoint | undefined;
  readonly cause: number | null;
  readonly symptom: number | null;
  readonly here: number;
  readonly onStep: (step: number) => void;
}

const WORDS: Record<LineagePoint["kind"], string> = { write: "wrote it", read: "read it", expected: "did not write it" };

function Point({ point, next, cause, symptom, here, onStep }: PointProps) {
  const blamed = (number: number): boolean => cause !== null && number >= cause && number <= (symptom ?? Infinity);
  if (point.skipped > 0) {
    return (
      <li className={`${styles.point} ${blamed(point.step_number) ? styles.blamed : ""}`}>
        <span className={styles.gap} />
        <span className={styles.skipped}>{`${point.skipped} more`}</span>
      </li>
    );
  }
  const look = [styles.point, blamed(point.step_number) && styles.blamed, next === undefined && styles.last, point.step_number === here && styles.here];
  return (
    <li className={look.filter(Boolean).join(" ")}>
      <button type="button" className={styles.button} onClick={() => onStep(point.step_number)} title={`${visible(point.node)}, step ${point.step_number}, ${WORDS[point.kind]}`}>
        <svg className={styles.mark} width="14" height="14" viewBox="0 0 14 14" role="img" aria-label={WORDS[point.kind]}>
          {point.kind === "write" && <rect x="2" y="2" width="10" height="10" rx="2" className={styles.write} />}
          {point.kind === "read" && <circle cx="7" cy="7" r="4.2" className={styles.read} />}
          {point.kind === "expected" && <path d="M7 0l7 7-7 7-7-7z" className={styles.expected} />}
        </svg>
        <span className={`${styles.node} ell`}>
          <Text>{point.node}</Text> <span className="num t3">{point.step_number}</span>
        </span>
      </button>
    </li>
  );
}
