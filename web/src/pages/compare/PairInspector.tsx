import { useState } from "react";
import type { Comparison, FieldDifference, Shown, StepPair } from "../../api/types";
import { duration } from "../../format/duration";
import { CommandLine } from "../../parts/Copy";
import { Glyph } from "../../parts/Glyph";
import { Segmented } from "../../parts/Segmented";
import { useCommand } from "../../parts/useCommand";
import { Redacted } from "../../parts/States";
import { Name, Text } from "../../parts/Text";
import { Letter } from "./Letter";
import styles from "./PairInspector.module.css";

interface Props {
  readonly comparison: Comparison;
  readonly pair: StepPair;
  readonly isFirst: boolean;
}

/** One pair of steps, field by field. */
export function PairInspector({ comparison, pair, isFirst }: Props) {
  const line = useCommand();
  const [way, setWay] = useState<"side" | "inline">("side");
  return (
    <div className={styles.box}>
      <header className={styles.head}>
        <div className="row">
          {isFirst && <Glyph name="cause" className="blame" />}
          <h2 className={`${styles.name} ell`}>
            <Text>{pair.node}</Text>
          </h2>
          <span className="t3">{place(pair)}</span>
          <span className="grow" />
          <Segmented
            label="How to show it"
            value={way}
            onChange={setWay}
            choices={[
              { value: "side", label: "Side by side" },
              { value: "inline", label: "Inline" },
            ]}
          />
        </div>
        <p className="small t3">{note(pair, isFirst)}</p>
      </header>
      <div className={styles.body} tabIndex={0} role="region" aria-label="Fields that differ">
        {way === "side" && (
          <div className={`${styles.two} ${styles.letters}`}>
            <div>
              <Letter letter="A" /> {pair.a_ms === null ? "did not run" : duration(pair.a_ms)}
            </div>
            <div>
              <Letter letter="B" /> {pair.b_ms === null ? "did not run" : duration(pair.b_ms)}
            </div>
          </div>
        )}
        {pair.fields.map((field) => (
          <Field key={`${field.mark}${field.path}`} field={field} inline={way === "inline"} />
        ))}
        {pair.fields.length === 0 && <p className={styles.none}>{pair.kind === "same" ? "Both wrote the same." : pair.outcomes !== null ? `It ended differently: ${pair.outcomes[0]} in A, ${pair.outcomes[1]} in B.` : "Nothing to lay side by side: it ran in one of the two only."}</p>}
        {pair.fields_left_out > 0 && <p className={styles.none}>{pair.fields_left_out} more fields differ and are not listed here.</p>}
      </div>
      <footer className={styles.foot}>
        <CommandLine command={line("diff", comparison.a.short_id, comparison.b.short_id)} />
      </footer>
    </div>
  );
}

const MARKS: Readonly<Record<FieldDifference["mark"], string>> = { "+": "only in B", "-": "only in A", "~": "differs" };

function Field({ field, inline }: { readonly field: FieldDifference; readonly inline: boolean }) {
  return (
    <section className={styles.field}>
      <h3 className={styles.path}>
        <Name>{field.path}</Name>
        <span className="t3 small">{MARKS[field.mark]}</span>
        <span className="grow" />
        <span className="t3 small">{field.mark === "~" ? `${kind(field.a)} → ${kind(field.b)}` : kind(field.mark === "+" ? field.b : field.a)}</span>
      </h3>
      {inline ? (
        <div className={styles.inline}>
          {field.a !== null && <Value shown={field.a} mark="−" look={styles.minus} />}
          {field.b !== null && <Value shown={field.b} mark="+" look={styles.plus} />}
        </div>
      ) : (
        <div className={styles.two}>
          {field.a === null ? <div className="t3">not written</div> : <Value shown={field.a} />}
          {field.b === null ? <div className="t3">not written</div> : <Value shown={field.b} look={field.mark === "+" ? styles.plus : undefined} />}
        </div>
      )}
    </section>
  );
}

function Value({ shown, mark, look }: { readonly shown: Shown; readonly mark?: string; readonly look?: string | undefined }) {
  return (
    <div className={look}>
      <pre className={styles.value}>
        {mark !== undefined && <span aria-hidden>{mark} </span>}
        <Text>{textOf(shown)}</Text>
      </pre>
      {shown.redacted && <Redacted />}
      {!shown.whole && <p className="small t3">{shown.size}; its beginning is shown</p>}
    </div>
  );
}

function textOf(shown: Shown): string {
  if (!shown.whole || shown.value === undefined) return shown.text;
  return typeof shown.value === "string" ? shown.value : JSON.stringify(shown.value, null, 2);
}

function kind(shown: Shown | null): string {
  return shown === null ? "" : [shown.type, shown.size].filter(Boolean).join(", ");
}

function place(pair: StepPair): string {
  if (pair.a !== null && pair.b !== null) return pair.a === pair.b ? `step ${pair.a} in both` : `step ${pair.a} in A, ${pair.b} in B`;
  return pair.a !== null ? `step ${pair.a} in A` : `step ${pair.b} in B`;
}

function note(pair: StepPair, isFirst: boolean): string {
  if (pair.kind === "missing") return "Ran only in A.";
  if (pair.kind === "inserted" || pair.kind === "repeated") return "Ran only in B.";
  if (isFirst) return pair.input_differs ? "The first step that differs; it was given different things." : "The first step whose result differs although its input is the same.";
  return pair.input_differs ? "It was given different things." : "Its input is the same.";
}
