import { useMemo } from "react";
import { Name, Text } from "../parts/Text";
import { differences, textChange, type Difference } from "./diff";
import { preview, type Json } from "./kinds";
import styles from "./DiffView.module.css";

interface Props {
  readonly before: Json;
  readonly after: Json;
  /** Differences shown at most. */
  readonly limit?: number;
}

const LONG = 600;

/** What differs between two values, one line for each part. */
export function DiffView({ before, after, limit = 200 }: Props) {
  const { found, more } = useMemo(() => differences(before, after, limit), [before, after, limit]);
  if (found.length === 0) return <p className="t3 small">No difference.</p>;
  return (
    <ul className={styles.list}>
      {found.map((one, index) => (
        <li key={index} className={styles.line}>
          <span className={styles.mark}>{one.mark === "-" ? "−" : one.mark}</span>
          <span className={styles.words}>
            {one.path !== "" && <Name className={styles.path}>{one.path}</Name>} <Sides one={one} />
          </span>
        </li>
      ))}
      {more && <li className="t3 small">and more</li>}
    </ul>
  );
}

function Sides({ one }: { readonly one: Difference }) {
  if (one.before === undefined) return <Text>{preview(one.after ?? null, 240)}</Text>;
  if (one.after === undefined) {
    return (
      <del>
        <Text>{preview(one.before, 240)}</Text>
      </del>
    );
  }
  if (typeof one.before === "string" && typeof one.after === "string") {
    const cut = textChange(one.before.slice(0, 20_000), one.after.slice(0, 20_000));
    return (
      <>
        <Text>{cut.start.length > 80 ? `…${cut.start.slice(-80)}` : cut.start}</Text>
        {cut.before !== "" && (
          <del>
            <Text>{short(cut.before)}</Text>
          </del>
        )}
        {cut.after !== "" && (
          <ins>
            <Text>{short(cut.after)}</Text>
          </ins>
        )}
        <Text>{cut.end.length > 80 ? `${cut.end.slice(0, 80)}…` : cut.end}</Text>
      </>
    );
  }
  return (
    <>
      <del>
        <Text>{preview(one.before, 160)}</Text>
      </del>{" "}
      → <Text>{preview(one.after, 160)}</Text>
    </>
  );
}

function short(text: string): string {
  return text.length > LONG ? `${text.slice(0, LONG)}… ` : text;
}
