import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { count } from "../../../format/count";
import { duration } from "../../../format/duration";
import { visible } from "../../../format/hostile";
import { RoleGlyph, SeverityGlyph } from "../../../parts/Badge";
import { Glyph } from "../../../parts/Glyph";
import { Name, Text } from "../../../parts/Text";
import { Bars } from "./Bars";
import type { GroupedRow } from "./grouping";
import type { Scale } from "./scale";
import { marksOf, type StepTable } from "./table";
import type { VisibleRow } from "./visible";
import styles from "./StepRow.module.css";

interface Props {
  readonly index: number;
  readonly top: number;
  readonly table: StepTable;
  readonly shown: VisibleRow;
  readonly view: "timeline" | "tree";
  readonly axis: Scale;
  readonly grid: readonly number[];
  readonly mild: boolean;
  readonly selected: boolean;
  /** Whether Tab leads to this row. */
  readonly entry: boolean;
  readonly onChoose: () => void;
  readonly onToggle: () => void;
}

/** One row: its part in the fault, number, name, findings, when it ran, how long. */
export const StepRow = memo(function StepRow(props: Props) {
  const { index, top, table, shown, selected, view, mild } = props;
  const { row, open } = shown;
  const folds = row.children.length > 0;
  const first = row.members[0]!;
  const running = row.kind === "step" && first === table.running;
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <div
      role="row"
      data-row={index}
      className={selected ? `${styles.row} ${styles.on}` : styles.row}
      style={{ transform: `translateY(${top}px)` }}
      aria-rowindex={index + 1}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={folds ? open : undefined}
      tabIndex={props.entry ? 0 : -1}
      onClick={props.onChoose}
    >
      <span role="gridcell" className={styles.name}>
        <Gutter shown={shown} mild={mild} />
        <span className={`${styles.number} num`}>{table.number[first]}</span>
        {row.depth > 0 && <span style={{ width: Math.min(8, row.depth) * 14 }} className={styles.indent} />}
        {folds && (
          <button
            type="button"
            tabIndex={-1}
            className={styles.fold}
            aria-label={open ? "Fold" : "Unfold"}
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle();
            }}
          >
            <Chevron size={14} strokeWidth={1.5} aria-hidden />
          </button>
        )}
        <span className={`${styles.word} ell`} title={visible(row.name)}>
          <Name>{row.name}</Name>
        </span>
        <Note row={row} table={table} open={open} />
        <Marks row={row} table={table} mild={mild} />
      </span>
      {view === "timeline" ? (
        <span role="gridcell" className={styles.track}>
          <Bars table={table} row={row} role={shown.role} axis={props.axis} grid={props.grid} mild={mild} open={open} />
        </span>
      ) : (
        <span role="gridcell" className={styles.columns}>
          <span className="ell">{outcomeOf(row, table)}</span>
          <span className="right num">{duration(row.start)}</span>
          <span className="right num">{tokensOf(row, table)}</span>
        </span>
      )}
      <span role="gridcell" className={`${styles.time} num`}>
        {running ? "running" : `${row.kind === "step" && table.unfinished[first] ? "≥ " : ""}${duration(row.kind === "step" ? table.duration[first] : row.end - row.start)}`}
      </span>
    </div>
  );
});

function Gutter({ shown, mild }: { readonly shown: VisibleRow; readonly mild: boolean }) {
  if (shown.thread === null) return <span className={styles.gutter} />;
  return (
    <span className={`${styles.gutter} ${styles[shown.thread]}`}>
      {shown.role === "path" ? (
        <span className={styles.ring} role="img" aria-label="path of the fault" />
      ) : (
        shown.role !== null && (
          <span className={styles.mark}>
            <RoleGlyph role={shown.role} size={13} severity={mild ? "warning" : "critical"} />
          </span>
        )
      )}
    </span>
  );
}

function Note({ row, table, open }: { readonly row: GroupedRow; readonly table: StepTable; readonly open: boolean }) {
  const first = row.members[0]!;
  let text = "";
  if (row.kind === "fan") text = `×${count(row.times)}${row.times > 20 ? " branches" : ""}`;
  else if (row.kind === "loop") text = `×${count(row.times)}${row.name.includes(" ") ? " rounds" : ""}`;
  else {
    const attempt = table.attempt[first] ?? 1;
    const round = table.round[first];
    if (attempt > 1) text = `attempt ${attempt}`;
    else if (round != null) text = `round ${count(round)}`;
    if (row.steps > 1 && !open) text += `${text && ", "}${count(row.steps - 1)} inside`;
  }
  return text === "" ? null : <span className={`${styles.note} num`}>{text}</span>;
}

const SHOWN_MARKS = 2;
/** Beside a longer name only the gravest mark finds room. */
const LONG_NAME = 13;

function Marks({ row, table, mild }: { readonly row: GroupedRow; readonly table: StepTable; readonly mild: boolean }) {
  if (row.kind !== "step") return null;
  const index = row.members[0]!;
  const marks = marksOf(table, index).filter((mark) => mark.severity !== "info");
  const error = table.error[index] ?? null;
  if (marks.length === 0 && error === null) return null;
  const room = row.name.length > LONG_NAME ? 1 : SHOWN_MARKS;
  const rest = marks.length - room;
  return (
    <span className={styles.marks}>
      {marks.slice(0, room).map((mark, at) => (
        <span key={at} className={styles[mark.severity]}>
          <span className={styles.code}>{visible(mark.code)}</span>
          <SeverityGlyph severity={mark.severity} />
        </span>
      ))}
      {rest > 0 && <span className={styles.more}>+{rest}</span>}
      {error !== null && marks.length < room && (
        <span className={mild ? styles.raisedMild : styles.raised} title={`raised ${visible(error)}`}>
          <span className={styles.code}>
            <Text>{error}</Text>
          </span>
          <Glyph name="symptom" size={11} title="raised" />
        </span>
      )}
    </span>
  );
}

function outcomeOf(row: GroupedRow, table: StepTable): string {
  if (row.kind === "step") {
    const index = row.members[0]!;
    const error = table.error[index];
    return error ? `raised ${visible(error)}` : (table.outcome[index] ?? "");
  }
  let failed = 0;
  for (const index of row.members) if (table.outcome[index] === "error") failed++;
  return failed > 0 ? `${count(failed)} of ${count(row.members.length)} raised` : "ok";
}

function tokensOf(row: GroupedRow, table: StepTable): string {
  let sum = 0;
  for (const index of row.members) sum += table.tokens[index] ?? 0;
  return sum > 0 ? count(sum) : "";
}
