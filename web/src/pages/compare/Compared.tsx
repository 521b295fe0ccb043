import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import type { Comparison } from "../../api/types";
import { count } from "../../format/count";
import { duration } from "../../format/duration";
import { useKeys } from "../../keyboard/useKeys";
import { Segmented } from "../../parts/Segmented";
import { Sentence } from "../../parts/Sentence";
import { PHONE, useMedia } from "../../parts/useMedia";
import type { Search } from "../../selection/search";
import { countOrigins, linesOf, outcomeOf, pairKey } from "./alignment";
import { AlignedRow, FoldRow } from "./AlignedRow";
import { Differences } from "./Differences";
import { FindingChanges } from "./FindingChanges";
import { PairInspector } from "./PairInspector";
import styles from "./ComparePage.module.css";

/** Two runs that were put side by side. */
export function Compared({ comparison, sides }: { readonly comparison: Comparison; readonly sides: ReactNode }) {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const phone = useMedia(PHONE);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [all, setAll] = useState<"differences" | "all">("differences");

  const { steps } = comparison;
  const first = comparison.first_difference;
  const chosen = search["step"] ?? (phone || first === null ? null : pairKey(steps[first]!));
  const index = steps.findIndex((pair) => pairKey(pair) === chosen);
  const selected = steps[index];
  const lines = linesOf(steps, opened, all === "all");
  const select = (key: string | null): void => void navigate({ to: ".", search: key === null ? {} : { step: key }, replace: true, resetScroll: false });
  const shown = lines.flatMap((line) => (line.kind === "pair" ? [line.pair] : []));
  const move = (by: number): void => {
    const at = shown.findIndex((pair) => pairKey(pair) === chosen);
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
    if (next !== undefined) select(pairKey(next));
  };
  useKeys([
    { keys: "j", what: "Next step", run: () => move(1) },
    { keys: "k", what: "Previous step", run: () => move(-1) },
    { keys: "e", what: "Fold or show what is identical", run: () => setAll(all === "all" ? "differences" : "all") },
    { keys: "Escape", what: "Back to the first difference", run: () => select(null) },
  ]);

  const origins = countOrigins(steps);
  const longest = Math.max(1e-9, ...steps.flatMap((pair) => [pair.a_ms ?? 0, pair.b_ms ?? 0]));
  const same = comparison.counts["same"] ?? 0;
  const inspector = selected !== undefined && <PairInspector comparison={comparison} pair={selected} isFirst={index === first} />;
  return (
    <main className={styles.page}>
      <section className={styles.head}>
        {sides}
        <h1 className={styles.sentence}>
          <Sentence cause={first === null ? null : steps[first]?.node}>{`${outcomeOf(comparison)}${comparison.sentence}`}</Sentence>
        </h1>
        <dl className={`${styles.facts} num`}>
          <Fact name="First difference">{first === null ? "none" : <FirstDifference comparison={comparison} first={first} />}</Fact>
          <Fact name="Findings">
            {comparison.lost.length} gone, {comparison.gained.length} new
          </Fact>
          <Fact name="Steps">
            {count(same)} identical, {count(steps.length - same)} differ
          </Fact>
          <Fact name="Duration">
            {duration(comparison.a.duration_ms)} → {duration(comparison.b.duration_ms)}
          </Fact>
          {origins.length > 0 && <Fact name="What ran">{origins.join(", ")}</Fact>}
          {comparison.a.tokens !== null && comparison.b.tokens !== null && (
            <Fact name="Tokens">
              {count(comparison.a.tokens)} → {count(comparison.b.tokens)}
            </Fact>
          )}
        </dl>
        {comparison.notes.length > 0 && (
          <p className={styles.notes}>
            <Sentence>{comparison.notes.join(" ")}</Sentence>
          </p>
        )}
      </section>
      <div className={styles.work}>
        <section className={origins.length > 0 ? `${styles.left} ${styles.origins}` : styles.left} aria-label="Aligned steps">
          <div className={styles.bar}>
            <h2>Aligned steps</h2>
            <span className={`t3 ${styles.how}`}>by node, round and branch</span>
            <span className="grow" />
            <Segmented
              label="Which steps"
              value={all}
              onChange={setAll}
              choices={[
                { value: "differences", label: "Differences" },
                { value: "all", label: <span className="num">All {steps.length}</span> },
              ]}
            />
          </div>
          <div className={`${styles.row} ${styles.heads}`} aria-hidden>
            <span />
            <span className="right">#</span>
            <span>Node</span>
            <span>What it wrote, A → B</span>
            <span>Duration</span>
            <span>{origins.length > 0 && "In B"}</span>
          </div>
          <ol>
            {lines.map((line) =>
              line.kind === "fold" ? (
                <FoldRow key={`fold ${line.from}`} pairs={line.pairs} onOpen={() => setOpened(new Set([...opened, line.from]))} />
              ) : (
                <li key={line.index}>
                  <AlignedRow pair={line.pair} first={line.index === first} selected={line.pair === selected} longest={longest} onSelect={() => select(phone && line.pair === selected ? null : pairKey(line.pair))} />
                  {phone && line.pair === selected && <div className={styles.inline}>{inspector}</div>}
                </li>
              ),
            )}
          </ol>
          <FindingChanges gained={comparison.gained} lost={comparison.lost} />
          <Differences title="Given by the caller" fields={comparison.input} />
          <Differences title="Given back to the caller" fields={comparison.output} />
        </section>
        {!phone && <aside className={styles.right}>{inspector}</aside>}
      </div>
    </main>
  );
}

function FirstDifference({ comparison, first }: { readonly comparison: Comparison; readonly first: number }) {
  const pair = comparison.steps[first];
  if (pair === undefined) return "none";
  const field = pair.fields[0]?.path;
  return (
    <Sentence>{`step ${pair.a ?? pair.b}, \`${field ?? pair.node}\``}</Sentence>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd className={styles.fact}>{children}</dd>
    </div>
  );
}
