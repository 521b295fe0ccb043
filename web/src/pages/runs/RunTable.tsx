import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { metaQuery, tracesQuery } from "../../api/queries";
import type { Row } from "../../api/types";
import { count, counted } from "../../format/count";
import { useKeys } from "../../keyboard/useKeys";
import { copyText } from "../../parts/Copy";
import { Empty, Failure, Waiting } from "../../parts/States";
import { useCommand } from "../../parts/useCommand";
import { PHONE, useMedia } from "../../parts/useMedia";
import { Text } from "../../parts/Text";
import { listWords } from "./FilterBar";
import { RunRow } from "./RunRow";
import { useArrivals } from "./useArrivals";
import styles from "./RunTable.module.css";

const HEADS = ["Status", "What happened", "Pipeline", "Steps", "Findings", "Duration", "Started", "Run"] as const;

const NOTHING: readonly Row[] = [];

/** Row heights are fixed, so that 100,000 runs scroll like 100. */
const HEIGHT = { desk: 40, phone: 104 } as const;

export function RunTable({ query, onChange }: { readonly query: string; readonly onChange: (query: string) => void }) {
  const { data, error, isPending, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery(tracesQuery(query));
  const { data: meta } = useQuery(metaQuery);
  const line = useCommand();
  const phone = useMedia(PHONE);
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(-1);
  const [picked, setPicked] = useState<string | null>(null);
  const stored = data?.pages.flatMap((page) => page.items) ?? [];
  const { running, waiting, show } = useArrivals(data?.pages[0]?.running ?? NOTHING, list);
  const known = new Set(stored.map((row) => row.id));
  const rows = [...running.filter((row) => !known.has(row.id)), ...stored];

  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const height = phone ? HEIGHT.phone : HEIGHT.desk;
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: margin,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const drawn = virtualizer.getVirtualItems();
  const end = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && end >= rows.length - 30) void fetchNextPage();
  }, [end, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const move = (by: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, cursor + by));
    setCursor(next);
    virtualizer.scrollToIndex(next, { align: "auto" });
  };
  const current = rows[cursor];
  const open = (): void => {
    if (current !== undefined) void navigate({ to: "/runs/$runId", params: { runId: current.id } });
  };
  const pick = (): void => {
    if (current === undefined) return;
    if (picked === null || picked === current.id) setPicked(picked === null ? current.id : null);
    else void navigate({ to: "/compare/$a/$b", params: { a: picked, b: current.id } });
  };
  useKeys([
    { keys: "j", what: "Next run", run: () => move(1) },
    { keys: "k", what: "Previous run", run: () => move(-1) },
    { keys: "Enter", what: "Open the run", run: open },
    { keys: "x", what: "Pick for compare; a second pick compares", run: pick },
    { keys: "c", what: "Copy the run's id", run: () => current !== undefined && void copyText(current.id) },
    { keys: "y", what: "Copy the command of this list", run: () => void copyText(line(...listWords(query))) },
  ]);

  if (isPending) return <Waiting rows={8} height={height} what="Loading runs" />;
  if (error !== null && data === undefined) {
    return <Failure error={error} what="The runs could not be loaded." retry={() => void refetch()} command={line(...listWords(query))} />;
  }
  const total = data.pages[0]?.total ?? null;
  return (
    <>
      {picked !== null && (
        <p className={styles.picked} role="status">
          <code>{rows.find((row) => row.id === picked)?.short_id ?? picked}</code> is picked. Press <kbd>x</kbd> on another run to compare the two.
        </p>
      )}
      {waiting > 0 && (
        <div className={styles.pillplace}>
          <button type="button" className={styles.pill} onClick={show}>
            {counted(waiting, "new run")}
          </button>
        </div>
      )}
      <span className="unseen" role="status">
        {waiting > 0 ? counted(waiting, "new run") : ""}
      </span>
      <div role="table" aria-label="Runs" aria-rowcount={(total ?? rows.length) + 1} className={styles.table}>
        <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.head}`}>
          {HEADS.map((head, index) => (
            <span key={head} role="columnheader" className={index > 4 ? "right" : undefined}>
              {head}
            </span>
          ))}
        </div>
        <div ref={list} role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
          {drawn.map((item) => {
            const row = rows[item.index];
            return (
              row !== undefined && (
                <RunRow
                  key={item.key}
                  row={row}
                  index={item.index + 2}
                  top={item.start - virtualizer.options.scrollMargin}
                  height={height}
                  current={item.index === cursor}
                  picked={row.id === picked}
                />
              )
            );
          })}
        </div>
      </div>
      {rows.length === 0 && (
        <Empty
          title={
            <>
              No runs match{" "}
              <code>
                <Text>{query}</Text>
              </code>
              .
            </>
          }
        >
          {meta !== undefined && <p>{counted(meta.trace_count, "run")} {meta.trace_count === 1 ? "does" : "do"} without it.</p>}
          <button type="button" className="link" onClick={() => onChange("")}>
            Show all runs
          </button>
        </Empty>
      )}
      {rows.length > 0 && (
        <p className={styles.foot}>
          {total !== null && total > stored.length ? `${count(stored.length)} of ${counted(total, "run")} loaded; more as you scroll.` : hasNextPage ? `${counted(stored.length, "run")} loaded; more as you scroll.` : `${counted(rows.length, "run")}.`}
        </p>
      )}
    </>
  );
}
