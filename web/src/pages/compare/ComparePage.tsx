import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeftRight } from "lucide-react";
import { comparisonQuery, runRowQuery } from "../../api/queries";
import type { Row } from "../../api/types";
import { Empty, Failure, Waiting } from "../../parts/States";
import type { Search } from "../../selection/search";
import { useCommand } from "../../parts/useCommand";
import { useTitle } from "../../shell/title";
import { Compared } from "./Compared";
import { Side } from "./Side";
import styles from "./ComparePage.module.css";

/** What is the first difference, and did it help? */
export default function ComparePage() {
  const params: { a?: string; b?: string } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as Search;
  const a = params.a ?? search["a"];
  const b = params.b ?? search["b"];
  const line = useCommand();
  const navigate = useNavigate();
  useTitle(a !== undefined && b !== undefined ? `${a.slice(0, 6)} → ${b.slice(0, 6)} · Compare` : "Compare");

  const choose = (nextA: string | undefined, nextB: string | undefined): void => {
    if (nextA !== undefined && nextB !== undefined) void navigate({ to: "/compare/$a/$b", params: { a: nextA, b: nextB } });
    else void navigate({ to: "/compare", search: { ...(nextA === undefined ? {} : { a: nextA }), ...(nextB === undefined ? {} : { b: nextB }) } });
  };
  const pair = useQuery({ ...comparisonQuery(a ?? "", b ?? ""), enabled: a !== undefined && b !== undefined });
  const alone = useQuery({ ...runRowQuery(a ?? b ?? ""), enabled: (a === undefined) !== (b === undefined) });
  const rowOf = (side: "a" | "b"): Row | null => pair.data?.[side] ?? ((side === "a" ? a : b) !== undefined && pair.data === undefined ? (alone.data ?? null) : null);
  const sides = (
    <div className={styles.sides}>
      <Side letter="A" id={a} row={rowOf("a")} onChoose={(id) => choose(id, b)} />
      <button type="button" className="iconbtn" aria-label="Swap A and B" disabled={a === undefined || b === undefined} onClick={() => choose(b, a)}>
        <ArrowLeftRight size={16} strokeWidth={1.5} aria-hidden />
      </button>
      <Side letter="B" id={b} row={rowOf("b")} beside={pair.data?.a.id} onChoose={(id) => choose(a, id)} />
    </div>
  );
  if (a === undefined || b === undefined) {
    return (
      <main className={styles.page}>
        <section className={styles.head}>
          {sides}
          <h1 className={styles.sentence}>Choose two runs to see where they part.</h1>
        </section>
        <Empty title="Two runs, step by step." command={line("diff", "last~1", "last")}>
          <p>
            Steps are matched by node, round and branch. In the list of runs, <kbd>x</kbd> picks one and <kbd>x</kbd> on another compares the two.
          </p>
        </Empty>
      </main>
    );
  }
  if (pair.data !== undefined) return <Compared comparison={pair.data} sides={sides} />;
  return (
    <main className={styles.page}>
      <section className={styles.head}>{sides}</section>
      {pair.error !== null ? (
        <Failure error={pair.error} what="The two runs could not be compared." retry={() => void pair.refetch()} command={line("diff", a, b)} />
      ) : (
        <Waiting rows={9} height={38} what="Comparing" />
      )}
    </main>
  );
}
