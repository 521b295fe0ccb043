import type { StepPair } from "../../api/types";
import { duration } from "../../format/duration";
import { Glyph } from "../../parts/Glyph";
import { Name, Text } from "../../parts/Text";
import { nodesOf, stretchName, wordsOf } from "./alignment";
import styles from "./ComparePage.module.css";

const KINDS: Readonly<Record<StepPair["kind"], readonly [string, string]>> = {
  same: ["=", "identical"],
  changed: ["≠", "differs"],
  missing: ["−", "only in A"],
  inserted: ["+", "only in B"],
  repeated: ["+", "one more round in B"],
};

interface Props {
  readonly pair: StepPair;
  readonly first: boolean;
  readonly selected: boolean;
  readonly longest: number;
  readonly onSelect: () => void;
}

/** A step and its counterpart: what each wrote, and how long it took. */
export function AlignedRow({ pair, first, selected, longest, onSelect }: Props) {
  const [mark, meaning] = KINDS[pair.kind];
  return (
    <button type="button" aria-pressed={selected} className={selected ? `${styles.row} ${styles.pair} ${styles.on}` : `${styles.row} ${styles.pair}`} onClick={onSelect}>
      <span className={styles.mark} title={first ? "the first difference" : meaning}>
        {first ? <Glyph name="cause" size={13} title="the first difference" className="blame" /> : mark}
      </span>
      <span className={`${styles.number} right num`}>{pair.a ?? pair.b}</span>
      <span className={`${styles.node} ell`}>
        <Name>{pair.node}</Name>
        {pair.round > 1 && <span className="t3"> round {pair.round}</span>}
        {pair.branch > 0 && <span className="t3"> branch {pair.branch}</span>}
      </span>
      <span className={`${styles.change} ell`}>
        <Change pair={pair} />
      </span>
      <span className={styles.bars} title={`A ${duration(pair.a_ms)}, B ${duration(pair.b_ms)}`}>
        {pair.a_ms !== null && <i className={styles.barA} style={{ width: `${Math.max(1.5, (pair.a_ms / longest) * 100)}%` }} />}
        {pair.b_ms !== null && <i className={styles.barB} style={{ width: `${Math.max(6, (pair.b_ms / longest) * 100)}%` }} />}
      </span>
      <span>{pair.origin !== null && <span className={pair.origin === "patched" ? `${styles.tag} ${styles.patched}` : styles.tag}>{pair.origin}</span>}</span>
    </button>
  );
}

function Change({ pair }: { readonly pair: StepPair }) {
  if (pair.kind === "missing") return <>ran only in A</>;
  if (pair.kind === "inserted") return <>ran only in B</>;
  if (pair.kind === "repeated") return <>round {pair.round} ran only in B</>;
  if (pair.outcomes !== null) {
    return (
      <>
        <Outcome text={pair.outcomes[0]} /> → <Outcome text={pair.outcomes[1]} />
      </>
    );
  }
  if (pair.fields.length === 0) return <>{pair.input_differs ? "same result from another input" : "identical"}</>;
  return (
    <>
      {pair.fields.slice(0, 2).map((field, index) => {
        const { path, before, after } = wordsOf(field);
        return (
          <span key={path}>
            {index > 0 && ", "}
            <Name className={styles.path}>{path}</Name> {before === null ? <>+ <Text>{after ?? ""}</Text></> : after === null ? "gone" : <><Text>{before}</Text> → <Text>{after}</Text></>}
          </span>
        );
      })}
      {pair.fields.length + pair.fields_left_out > 2 && `, ${pair.fields.length + pair.fields_left_out - 2} more`}
    </>
  );
}

function Outcome({ text }: { readonly text: string }) {
  const fine = text === "ok" || text === "cached";
  return (
    <span className={fine ? styles.fine : styles.wrong}>
      <Glyph name={fine ? "check" : "symptom"} size={11} />
      <Name>{text}</Name>
    </span>
  );
}

/** A stretch in which nothing differs, counted. */
export function FoldRow({ pairs, onOpen }: { readonly pairs: readonly StepPair[]; readonly onOpen: () => void }) {
  const nodes = nodesOf(pairs);
  return (
    <li>
      <button type="button" className={styles.fold} onClick={onOpen}>
        <span className={styles.equal}>=</span>
        <span className="ell grow">
          {stretchName(pairs)}{" "}
          {nodes.slice(0, 4).map((node, index) => (
            <span key={node}>
              {index > 0 && ", "}
              <Name>{node}</Name>
            </span>
          ))}
          {nodes.length > 4 && ` and ${nodes.length - 4} more`}: identical
        </span>
        <span className="link">show</span>
      </button>
    </li>
  );
}
