import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, type CSSProperties, type KeyboardEvent } from "react";
import { StepRow } from "./StepRow";
import { place, scale, tickLabel } from "./scale";
import { endOf, rowOf, type StepTable } from "./table";
import type { Visible, VisibleRow } from "./visible";
import styles from "./StepGrid.module.css";

interface Props {
  readonly table: StepTable;
  readonly shown: Visible;
  readonly view: "timeline" | "tree";
  readonly step: number | null;
  readonly mild: boolean;
  readonly onStep: (step: number) => void;
  readonly onToggle: (key: string) => void;
}

/** Rows of one height in a virtual tree grid; ten thousand steps cost what a screen of them costs. */
export function StepGrid({ table, shown, view, step, mild, onStep, onToggle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows } = shown;
  const selected = useMemo(() => {
    const index = rowOf(table, step);
    return index < 0 ? -1 : rows.findIndex(({ row }) => row.kind === "step" && row.members[0] === index);
  }, [rows, table, step]);
  const height = useRowHeight();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    initialRect: { width: 900, height: 400 },
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: "auto" });
  }, [selected, virtual]);

  const axis = useMemo(() => {
    let end = 0;
    for (let index = 0; index < table.count; index++) end = Math.max(end, endOf(table, index));
    return scale(0, end);
  }, [table]);
  // As wide as the longest number, in the fixed-width face.
  const digits = String(table.number[table.count - 1] ?? 1).length;
  const grid = axis.ticks.map((tick) => place(axis, tick)).filter((at) => at > 0.5 && at < 99.9);

  const focusRow = (index: number): void => {
    virtual.scrollToIndex(index, { align: "auto" });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = Number((event.target as HTMLElement).dataset["row"] ?? -1);
    const row = rows[at];
    if (row === undefined) return;
    const act = keyed(event.key, at, row, rows);
    if (act === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (act.kind === "focus") focusRow(act.index);
    else if (act.kind === "toggle") onToggle(row.row.key);
    else choose(row);
  };
  const choose = (one: VisibleRow): void => {
    if (one.row.kind === "step") onStep(table.number[one.row.members[0]!]!);
    else onToggle(one.row.key);
  };
  const entry = selected >= 0 ? selected : 0;
  return (
    <div className={view === "tree" ? `${styles.grid} ${styles.tree}` : styles.grid} style={{ "--number-width": `${Math.max(22, Math.ceil(digits * 6.7))}px` } as CSSProperties}>
      <div className={styles.axis} aria-hidden>
        <span className={styles.axisName}>{view === "tree" ? "Step" : ""}</span>
        {view === "timeline" ? (
          <span className={styles.ticks}>
            {axis.ticks.map((tick) => (
              <span key={tick} className={place(axis, tick) < 2 ? styles.first : place(axis, tick) > 96 ? styles.last : undefined} style={{ left: `${place(axis, tick)}%` }}>
                {tickLabel(axis, tick)}
              </span>
            ))}
          </span>
        ) : (
          <span className={styles.columns}>
            <span>Outcome</span>
            <span className="right">Started at</span>
            <span className="right">Tokens</span>
          </span>
        )}
        <span className="right">{view === "tree" ? "Duration" : ""}</span>
      </div>
      <div ref={scroller} className={styles.scroller} style={{ "--rows": `${virtual.getTotalSize()}px` } as CSSProperties} role="treegrid" aria-label="Steps of the run" aria-rowcount={rows.length} tabIndex={-1} onKeyDown={onKeyDown}>
        <div role="rowgroup" className={styles.space} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const one = rows[item.index];
            if (one === undefined) return null;
            return (
              <StepRow
                key={one.promoted ? `p${one.row.key}` : one.row.key}
                index={item.index}
                top={item.start}
                table={table}
                shown={one}
                view={view}
                axis={axis}
                grid={grid}
                mild={mild}
                selected={item.index === selected}
                entry={item.index === entry}
                onChoose={() => choose(one)}
                onToggle={() => onToggle(one.row.key)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

type Act = { readonly kind: "focus"; readonly index: number } | { readonly kind: "toggle" } | { readonly kind: "choose" };

function keyed(key: string, at: number, one: VisibleRow, rows: readonly VisibleRow[]): Act | null {
  const focus = (index: number): Act => ({ kind: "focus", index: Math.min(rows.length - 1, Math.max(0, index)) });
  switch (key) {
    case "ArrowDown":
      return focus(at + 1);
    case "ArrowUp":
      return focus(at - 1);
    case "Home":
      return focus(0);
    case "End":
      return focus(rows.length - 1);
    case "PageDown":
      return focus(at + 10);
    case "PageUp":
      return focus(at - 10);
    case "Enter":
    case " ":
      return { kind: "choose" };
    case "ArrowRight":
      if (one.row.children.length > 0 && !one.open) return { kind: "toggle" };
      return one.open ? focus(at + 1) : null;
    case "ArrowLeft": {
      if (one.open) return { kind: "toggle" };
      let above = at;
      while (above > 0 && rows[above]!.row.depth >= one.row.depth) above--;
      return above === at ? null : focus(above);
    }
    default:
      return null;
  }
}

function useRowHeight(): number {
  const compact = document.documentElement.dataset["density"] === "compact";
  if (window.matchMedia("(max-width: 720px)").matches) return 44;
  return compact ? 24 : 30;
}
