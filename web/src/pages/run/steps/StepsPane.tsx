import { useMemo, useState } from "react";
import { count, counted } from "../../../format/count";
import { useKeys } from "../../../keyboard/useKeys";
import { Segmented } from "../../../parts/Segmented";
import type { Finding } from "../api";
import { FindingsList } from "./FindingsList";
import { group } from "./grouping";
import { StepGrid } from "./StepGrid";
import { rowOf, type StepTable } from "./table";
import { ancestorsOf, isOpen, visible } from "./visible";
import styles from "./StepsPane.module.css";

export type PaneView = "timeline" | "tree" | "findings";

interface Props {
  readonly table: StepTable;
  readonly findings: readonly Finding[];
  readonly view: PaneView;
  readonly step: number | null;
  readonly healthyRuns: number;
  /** False on phones, where the tabs of the page choose the view. */
  readonly headed: boolean;
  readonly mild: boolean;
  readonly onView: (view: PaneView) => void;
  readonly onStep: (step: number) => void;
  readonly onFinding: (finding: Finding) => void;
}

const NOTHING: ReadonlySet<string> = new Set();

/** The steps of the run: along the time, as a tree, or only what was found in them. */
export function StepsPane(props: Props) {
  const { table, findings, view, step, headed, onStep } = props;
  const tree = useMemo(() => group(table), [table]);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(NOTHING);
  const index = rowOf(table, step);
  // A selected step is always drawn: what hides it opens, and closes again when the selection moves on.
  const effective = useMemo(() => {
    const first = visible(table, tree, toggled);
    if (index < 0 || first.rows.some(({ row }) => row.kind === "step" && row.members[0] === index)) return { toggled, shown: first };
    const opened = new Set(toggled);
    for (const row of ancestorsOf(tree, index)) {
      if (isOpen(row, opened, table.count)) continue;
      if (!opened.delete(row.key)) opened.add(row.key);
    }
    return { toggled: opened, shown: visible(table, tree, opened) };
  }, [table, tree, toggled, index]);
  const { shown } = effective;

  const toggle = (key: string): void => {
    const next = new Set(effective.toggled);
    if (!next.delete(key)) next.add(key);
    setToggled(next);
  };
  const all = (): void => {
    const keys = new Set<string>();
    const visit = (rows: typeof tree): void => {
      for (const row of rows) {
        if (row.children.length === 0) continue;
        if (!isOpen(row, NOTHING, table.count)) keys.add(row.key);
        visit([...row.children]);
      }
    };
    visit(tree);
    setToggled(keys);
  };
  const stepRows = useMemo(() => shown.rows.filter(({ row }) => row.kind === "step"), [shown]);
  const move = (by: number): void => {
    const at = stepRows.findIndex(({ row }) => row.members[0] === index);
    const next = stepRows[at < 0 ? 0 : Math.min(stepRows.length - 1, Math.max(0, at + by))];
    if (next !== undefined) onStep(table.number[next.row.members[0]!]!);
  };
  useKeys([
    { keys: "j", what: "Next step", run: () => move(1) },
    { keys: "k", what: "Step before", run: () => move(-1) },
    {
      keys: "e",
      what: "Fold or unfold around the step",
      run: () => {
        const own = shown.rows.find(({ row }) => row.kind === "step" && row.members[0] === index);
        const above = index < 0 ? undefined : ancestorsOf(tree, index).pop();
        const target = own !== undefined && own.row.children.length > 0 ? own.row : above;
        if (target !== undefined) toggle(target.key);
      },
    },
    {
      keys: "t",
      what: "Timeline or tree",
      run: () => props.onView(view === "timeline" ? "tree" : "timeline"),
    },
  ]);
  const folded = shown.drawn < shown.total;
  const open = findings.filter((finding) => finding.suppressed === null).length;
  return (
    <section className={styles.pane} aria-label="Steps">
      {headed && (
        <div className={styles.head}>
          <Segmented
            label="View of the steps"
            value={view}
            onChange={props.onView}
            choices={[
              { value: "timeline", label: "Timeline" },
              { value: "tree", label: "Tree" },
              { value: "findings", label: open > 0 ? `Findings ${open}` : "Findings" },
            ]}
          />
          {view !== "findings" && folded && (
            <span className={`${styles.note} num`}>
              {count(shown.drawn)} of {counted(shown.total, "step")} drawn
              <button type="button" className={`link ${styles.every}`} onClick={all}>
                Show every step
              </button>
            </span>
          )}
          {view !== "findings" && !folded && effective.toggled.size > 0 && shown.total > 40 && (
            <button type="button" className={`link ${styles.every}`} onClick={() => setToggled(NOTHING)}>
              Fold again
            </button>
          )}
          <span className="grow" />
          {view === "timeline" && props.healthyRuns > 0 && (
            <span className={styles.legend}>bar: this run · line below: median of {counted(props.healthyRuns, "healthy run")}</span>
          )}
        </div>
      )}
      {view === "findings" ? (
        <FindingsList findings={findings} step={step} onFinding={props.onFinding} />
      ) : (
        <StepGrid table={table} shown={shown} view={view} step={step} mild={props.mild} onStep={onStep} onToggle={toggle} />
      )}
    </section>
  );
}
