import { useQuery } from "@tanstack/react-query";
import { visible } from "../../../format/hostile";
import { comparisonQuery } from "../../../api/queries";
import { Name, Text } from "../../../parts/Text";
import type { StepPage } from "../api";
import styles from "./ChangeTab.module.css";

interface Props {
  readonly base: string;
  readonly run: string;
  readonly step: StepPage;
}

/** What the step wrote otherwise than its counterpart in a healthy run. */
export function HealthyDiff({ base, run, step }: Props) {
  const { data, isError } = useQuery(comparisonQuery(base, run));
  if (isError) return <p className={`${styles.box} ${styles.none}`}>The two runs could not be compared.</p>;
  if (data === undefined) return <p className={`${styles.box} ${styles.none}`}>Comparing…</p>;
  const pair = data.steps.find((one) => one.b === step.step_number);
  if (pair === undefined || pair.a === null) return <p className={`${styles.box} ${styles.none}`}>The healthy run has no step like this one.</p>;
  return (
    <div className={styles.box}>
      {pair.fields.length === 0 && <p className={styles.none}>It wrote the same as step {pair.a} of the healthy run.</p>}
      {pair.fields.map((one) => (
        <div key={one.path} className={styles.row}>
          <div className={styles.head}>
            <span className={styles.mark}>{one.mark === "-" ? "−" : one.mark}</span>
            <span className={`${styles.field} ell`} title={visible(one.path)}>
              <Name>{one.path}</Name>
            </span>
            <span className={styles.value}>
              <span className={styles.line}>
                <span className="t3">healthy </span>
                <Text>{one.a?.text ?? "not written"}</Text>
              </span>
              <span className={styles.line}>
                <span className="t3">here </span>
                <Text>{one.b?.text ?? "not written"}</Text>
              </span>
            </span>
          </div>
        </div>
      ))}
      {pair.fields_left_out > 0 && <p className={styles.none}>{pair.fields_left_out} more differ.</p>}
      {pair.input_differs && <p className={styles.others}>It was given something else than step {pair.a} of the healthy run.</p>}
    </div>
  );
}
