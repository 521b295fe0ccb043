import { visible } from "../../../format/hostile";
import { CopyButton } from "../../../parts/Copy";
import { Sentence } from "../../../parts/Sentence";
import type { Suggestion } from "../api";
import styles from "./Suggestions.module.css";

/** What to change, and where. */
export function Suggestions({ suggestions }: { readonly suggestions: readonly Suggestion[] }) {
  return (
    <section className={styles.card}>
      <h3 className="label">What to change</h3>
      <ul>
        {suggestions.map((one, index) => {
          const place = one.file === null ? null : one.line === null ? one.file : `${one.file}:${one.line}`;
          return (
            <li key={index} className={styles.line}>
              <Sentence>{one.text}</Sentence>
              {place !== null && (
                <span className={styles.place}>
                  <code title={visible(place)}>{visible(place.split(/[\\/]/).pop() ?? place)}</code>
                  <CopyButton text={place} what="source place" />
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
