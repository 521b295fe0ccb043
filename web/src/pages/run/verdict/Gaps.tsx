import { Glyph } from "../../../parts/Glyph";
import { Sentence } from "../../../parts/Sentence";
import styles from "./Gaps.module.css";

/** What the run does not know or could not keep. */
export function Gaps({ gaps }: { readonly gaps: readonly string[] }) {
  if (gaps.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="What is missing">
      {gaps.map((gap, index) => (
        <li key={index} className={styles.line}>
          <Glyph name="dashed" size={13} />
          <span>
            <Sentence>{gap}</Sentence>
          </span>
        </li>
      ))}
    </ul>
  );
}
