import type { FieldDifference } from "../../api/types";
import { Name, Text } from "../../parts/Text";
import { wordsOf } from "./alignment";
import styles from "./ComparePage.module.css";

/** What differs in what went into or came out of the two runs. */
export function Differences({ title, fields }: { readonly title: string; readonly fields: readonly FieldDifference[] }) {
  if (fields.length === 0) return null;
  return (
    <section className={styles.findings} aria-label={title}>
      <h3 className="label">
        {title}: {fields.length} {fields.length === 1 ? "field differs" : "fields differ"}
      </h3>
      <ul>
        {fields.slice(0, 12).map((field) => {
          const { path, before, after } = wordsOf(field);
          return (
            <li key={`${field.mark}${path}`} className={styles.finding}>
              <span className={styles.sign}>{field.mark === "-" ? "−" : field.mark}</span>
              {path === "" ? <span className="t2">all of it</span> : <Name>{path}</Name>}
              <span className="t2 ell mono small">
                <Text>{[before, after].filter((text) => text !== null).join(" → ")}</Text>
              </span>
            </li>
          );
        })}
        {fields.length > 12 && <li className="t3 small">{fields.length - 12} more</li>}
      </ul>
    </section>
  );
}
