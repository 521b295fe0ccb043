import { useMemo } from "react";
import { count } from "../../../format/count";
import { duration } from "../../../format/duration";
import type { GroupedRow } from "./grouping";
import { groupFacts, heat, type Grave } from "./heat";
import { LANES } from "./grouping";
import { place, type Scale } from "./scale";
import { endOf, type Role, type StepTable } from "./table";
import styles from "./Bars.module.css";

interface Props {
  readonly table: StepTable;
  readonly row: GroupedRow;
  readonly role: Role | null;
  readonly axis: Scale;
  readonly grid: readonly number[];
  readonly mild: boolean;
  readonly open: boolean;
}

/** When a row ran: a bar with the usual duration under it, thin lanes for a few branches, cells for many steps. */
export function Bars({ table, row, role, axis, grid, mild, open }: Props) {
  // Cells stand in the order of the steps, not on the axis of time.
  const cells = row.kind !== "step" && row.members.length > LANES;
  return (
    <>
      {!cells &&
        grid.map((at) => (
          <span key={at} className={styles.tick} style={{ left: `${at}%` }} />
        ))}
      {row.kind === "step" ? (
        <Bar table={table} index={row.members[0]!} role={role} axis={axis} mild={mild} />
      ) : !cells ? (
        <Lanes table={table} row={row} axis={axis} />
      ) : (
        <Cells table={table} row={row} open={open} />
      )}
    </>
  );
}

function Bar({ table, index, role, axis, mild }: { readonly table: StepTable; readonly index: number; readonly role: Role | null; readonly axis: Scale; readonly mild: boolean }) {
  const start = table.start[index] ?? 0;
  const left = place(axis, start);
  const running = index === table.running;
  const open = running || table.unfinished[index];
  const width = open ? 100 - left : place(axis, endOf(table, index)) - left;
  const raised = table.outcome[index] === "error";
  const look = role === "cause" ? styles.cause : role === "symptom" || raised ? (mild ? styles.mild : styles.raised) : "";
  const usual = table.usual[index];
  return (
    <>
      <span className={`${styles.bar} ${look} ${running ? styles.running : open ? styles.unfinished : ""}`} style={{ left: `${left}%`, width: `${width}%` }} />
      {usual != null && !open && (
        <span className={styles.usual} title={`usually ${duration(usual)}`} style={{ left: `${left}%`, width: `${place(axis, start + usual) - left}%` }} />
      )}
    </>
  );
}

function Lanes({ table, row, axis }: { readonly table: StepTable; readonly row: GroupedRow; readonly axis: Scale }) {
  const gap = 18 / row.members.length;
  return (
    <>
      {row.members.map((index, lane) => {
        const left = place(axis, table.start[index] ?? 0);
        return (
          <span
            key={index}
            className={table.outcome[index] === "error" ? `${styles.lane} ${styles.raised}` : styles.lane}
            style={{ left: `${left}%`, width: `${place(axis, endOf(table, index)) - left}%`, top: `calc(50% - 9px + ${lane * gap}px)` }}
          />
        );
      })}
    </>
  );
}

const FILLS: Partial<Record<Grave, string>> = {
  warning: "var(--warn-fill)",
  critical: "var(--crit-fill)",
  symptom: "var(--crit-fill)",
  path: "var(--blame-fill)",
  cause: "var(--blame-fill)",
};

const CELL = 6;

function Cells({ table, row, open }: { readonly table: StepTable; readonly row: GroupedRow; readonly open: boolean }) {
  const found = useMemo(() => heat(table, row), [table, row]);
  const facts = useMemo(() => groupFacts(table, row), [table, row]);
  const marked = [facts.raised > 0 && `${count(facts.raised)} raised`, facts.marked > 0 && `${count(facts.marked)} marked`].filter(Boolean).join(", ");
  const per = found.perCell > 1 ? `one cell is ${count(found.perCell)} steps` : "one cell is one step";
  return (
    <span className={styles.heat} title={`${count(row.members.length)} steps, ${per}`}>
      <svg className={styles.cells} viewBox={`0 0 ${found.cells.length * CELL} 14`} preserveAspectRatio="none" aria-hidden>
        {found.cells.map((cell, index) => (
          <rect
            key={index}
            x={index * CELL}
            width={CELL - 1}
            height="14"
            fill={FILLS[cell.grave] ?? "var(--bar)"}
            opacity={FILLS[cell.grave] ? 1 : 0.22 + 0.68 * cell.load}
          />
        ))}
      </svg>
      <span className={`${styles.facts} num`}>{marked || (open ? "" : `p50 ${duration(facts.median)}`)}</span>
    </span>
  );
}
