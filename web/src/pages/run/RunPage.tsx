import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { keys, metaQuery } from "../../api/queries";
import { visible } from "../../format/hostile";
import { commandLine } from "../../format/shell";
import { useKeys } from "../../keyboard/useKeys";
import { useLiveEvents } from "../../live/LiveProvider";
import { copyText } from "../../parts/Copy";
import { Failure, Waiting } from "../../parts/States";
import { Tabs, type Tab } from "../../parts/Tabs";
import { useSelection } from "../../selection/selection";
import { runQuery, stepsQuery, type GraphNodeInfo, type RunDetail, type ThreadHop } from "./api";
import { GraphPane } from "./graph/GraphPane";
import { Inspector } from "./inspector/Inspector";
import type { TabName } from "./inspector/tabs";
import { openingStep } from "./opening";
import { Splitter, useInspectorWidth } from "./Splitter";
import { tableOf } from "./steps/fromColumns";
import { StepsPane, type PaneView } from "./steps/StepsPane";
import { rowOf, type StepTable } from "./steps/table";
import { PHONE, useMedia } from "../../parts/useMedia";
import { Chain } from "./verdict/Chain";
import { Gaps } from "./verdict/Gaps";
import { Suspects } from "./verdict/Suspects";
import { VerdictBar } from "./verdict/VerdictBar";
import styles from "./RunPage.module.css";

/** One run: what broke, where it began, how it spread. */
export default function RunPage() {
  const [selection] = useSelection();
  const id = selection.run ?? "";
  const run = useQuery(runQuery(id));
  const steps = useQuery(stepsQuery(id));
  const table = useMemo(() => (steps.data === undefined ? undefined : tableOf(steps.data)), [steps.data]);
  useLiveRun(id, run.data?.header.id);
  useEffect(() => {
    if (run.data === undefined) return;
    const { cause, symptom, pipeline, short_id: short } = run.data.header;
    const way = cause !== null && symptom !== null ? `${cause.node} → ${symptom.node}` : pipeline;
    document.title = `${visible(way)} · ${short} · ARGUS`;
  }, [run.data]);
  if (run.error !== null && run.data === undefined) {
    return (
      <main className="page">
        <Failure error={run.error} what="This run could not be loaded." retry={() => void run.refetch()} command={commandLine("argus", "trace", id)} />
      </main>
    );
  }
  if (run.data === undefined) {
    return (
      <main className={styles.page} aria-busy>
        <div className={styles.waiting}>
          <Waiting rows={4} height={36} what="Loading the run" />
        </div>
      </main>
    );
  }
  return <Workspace run={run.data} table={table} stepsError={steps.error} />;
}

type PhoneTab = "step" | "timeline" | "graph" | "findings";

interface WorkspaceProps {
  readonly run: RunDetail;
  readonly table: StepTable | undefined;
  readonly stepsError: Error | null;
}

function Workspace({ run, table, stepsError }: WorkspaceProps) {
  const [selection, select] = useSelection();
  const navigate = useNavigate();
  const meta = useQuery(metaQuery);
  const phone = useMedia(PHONE);
  const narrow = useMedia("(max-width: 1100px)");
  const [drawer, setDrawer] = useState(selection.step !== null);
  const width = useInspectorWidth();
  const opening = openingStep(run, table);
  const step = selection.step ?? opening;
  const mild = run.header.counts.critical === 0 && run.error === null;
  const faulty = run.chain.length > 0 || run.suspects.length > 0;
  const pane = selection.pane;
  const view: PaneView = pane === "tree" || pane === "findings" ? pane : "timeline";
  const tab: PhoneTab = pane === "timeline" || pane === "tree" ? "timeline" : pane === "graph" || pane === "findings" ? pane : "step";
  const hasGraph = run.graph.edges.length > 0;
  const thread = useMemo(() => threadOf(run, table), [run, table]);

  const pick = (number: number, field: string | null = null): void => {
    select({ step: number, field, ...(phone && pane !== null && pane !== "step" ? {} : {}) });
    setDrawer(true);
  };
  const pickNode = (node: GraphNodeInfo): void => {
    const blamed = run.chain.find((link) => node.steps.includes(link.step_number ?? -1));
    const found = run.detections.find((one) => one.suppressed === null && node.steps.includes(one.step_number ?? -1));
    const number = blamed?.step_number ?? found?.step_number ?? node.steps[0];
    if (number !== undefined && number !== null) pick(number);
  };
  const along = (numbers: readonly number[], by: number): void => {
    const sorted = [...new Set(numbers)];
    const at = step === null ? -1 : sorted.indexOf(step);
    const next = at < 0 ? (by > 0 ? sorted[0] : sorted[sorted.length - 1]) : sorted[Math.min(sorted.length - 1, Math.max(0, at + by))];
    if (next !== undefined) pick(next);
  };
  const chain = run.chain.flatMap((link) => (link.step_number === null ? [] : [link.step_number]));
  const found = run.detections.flatMap((one) => (one.step_number === null || one.suppressed !== null ? [] : [one.step_number])).sort((one, other) => one - other);
  const move = (by: number): void => {
    if (table === undefined) return;
    const at = rowOf(table, step);
    const next = table.number[Math.min(table.count - 1, Math.max(0, at + by))];
    if (next !== undefined) pick(next);
  };
  useKeys([
    { keys: "]", what: "Next finding", run: () => along(found, 1) },
    { keys: "[", what: "Finding before", run: () => along(found, -1) },
    { keys: "}", what: "Along the chain", run: () => along(chain, 1) },
    { keys: "{", what: "Back along the chain", run: () => along(chain, -1) },
    { keys: "c", what: "Copy the run's id", run: () => void copyText(run.header.id) },
    {
      keys: "r",
      what: "Replay from this step",
      run: () => void navigate({ to: "/replay/$runId", params: { runId: run.header.short_id }, search: step === null ? {} : { from: String(step) } }),
    },
    {
      keys: "Escape",
      what: "Clear the field, then the step",
      run: () => {
        if (selection.field !== null) select({ field: null });
        else {
          setDrawer(false);
          if (selection.step !== null) select({ step: null, field: null });
        }
      },
    },
  ]);

  const graph = hasGraph && (!phone || tab === "graph") && (
    <GraphPane graph={run.graph} thread={thread} selected={pathOfStep(run, table, step)} stacked={stackedOf(table, run)} mild={mild} roomy={!faulty} onNode={pickNode} />
  );
  const list = (!phone || tab === "timeline" || tab === "findings") && (
    table === undefined ? (
      stepsError === null ? (
        <Waiting rows={8} height={30} what="Loading the steps" />
      ) : (
        <Failure error={stepsError} what="The steps could not be loaded." />
      )
    ) : (
      <StepsPane
        table={table}
        findings={run.detections}
        view={phone ? (tab === "findings" ? "findings" : "timeline") : view}
        step={step}
        healthyRuns={table.usual.some((usual) => usual !== null) ? run.usual.healthy_runs : 0}
        headed={!phone}
        mild={mild}
        onView={(next) => select({ pane: next === "timeline" ? null : next })}
        onStep={(number) => pick(number)}
        onFinding={(finding) => {
          if (finding.step_number !== null) pick(finding.step_number, finding.field);
        }}
      />
    )
  );
  const showInspector = step !== null && (phone ? tab === "step" : !narrow || drawer);
  const inspector = showInspector && (
    <Inspector
      run={run}
      step={step}
      field={selection.field}
      tab={selection.tab}
      base={selection.base}
      onBase={(base) => select({ base })}
      mild={mild}
      onStep={(number, field) => pick(number, field ?? null)}
      onField={(field) => select({ step, field })}
      onTab={(next: TabName) => select({ tab: next === "change" ? null : next })}
      onMove={move}
      onClose={narrow && !phone ? () => setDrawer(false) : undefined}
    />
  );
  const open = run.detections.filter((one) => one.suppressed === null).length;
  const phoneTabs: Tab<PhoneTab>[] = [
    { value: "step", label: step === null ? "Step" : `Step ${step}` },
    { value: "timeline", label: "Timeline" },
    ...(hasGraph ? [{ value: "graph", label: "Graph" } as const] : []),
    { value: "findings", label: "Findings", note: open },
  ];
  return (
    <main className={styles.page}>
      <VerdictBar run={run} onStep={(number) => pick(number)}>
        {run.chain.length > 1 && <Chain chain={run.chain} step={step} symptomSeverity={mild ? "warning" : "critical"} onStep={pick} />}
        {run.chain.length === 0 && run.suspects.length > 0 && (
          <Suspects suspects={run.suspects} runId={run.header.short_id} step={step} canReplay={meta.data?.replay != null} onStep={(number) => pick(number)} />
        )}
        <Gaps gaps={run.gaps} />
      </VerdictBar>
      {phone && (
        <div className={styles.phoneTabs}>
          <Tabs label="Parts of the run" tabs={phoneTabs} value={tab} onChange={(next) => select({ pane: next === "step" ? null : next })} controls="run-part" />
        </div>
      )}
      <div id="run-part" className={styles.work} style={phone || narrow ? undefined : { gridTemplateColumns: `minmax(0, 1fr) ${width.value}px` }}>
        <div className={styles.left}>
          {graph}
          {list}
        </div>
        {inspector !== false && (
          <div className={narrow && !phone ? styles.drawer : styles.right}>
            {!narrow && <Splitter width={width} />}
            {inspector}
          </div>
        )}
      </div>
    </main>
  );
}

/** The graph node that a step ran, as a path through the subgraphs around it. */
function pathOfStep(run: RunDetail, table: StepTable | undefined, step: number | null): string | null {
  const known = run.graph.nodes.find((node) => step !== null && node.steps.includes(step));
  if (known !== undefined || table === undefined) return known?.path ?? null;
  const names: string[] = [];
  for (let index = rowOf(table, step); index >= 0; index = table.parent[index] ?? -1) names.unshift(table.node[index]!);
  return names.length === 0 ? null : names.join("/");
}

/** The chain as hops between nodes of the graph. */
function threadOf(run: RunDetail, table: StepTable | undefined): ThreadHop[] {
  const places = run.chain.map((link) => ({ path: pathOfStep(run, table, link.step_number), field: link.field }));
  return places.slice(1).flatMap((place, index) => {
    const before = places[index]!;
    return before.path === null || place.path === null || before.path === place.path ? [] : [{ source: before.path, target: place.path, field: before.field }];
  });
}

/** Nodes that ran side by side with themselves. */
function stackedOf(table: StepTable | undefined, run: RunDetail): ReadonlySet<string> {
  const found = new Set<string>();
  if (table === undefined) return found;
  for (const node of run.graph.nodes) {
    if (node.executions > 1 && node.steps.some((number) => (table.branch[rowOf(table, number)] ?? 0) > 0)) found.add(node.path);
  }
  return found;
}

/** Asks again while the run goes on, and once when it has ended. */
function useLiveRun(id: string, fullId: string | undefined): void {
  const client = useQueryClient();
  useLiveEvents((events) => {
    const about = events.some(({ data }) => {
      const run = data["run_id"] ?? data["trace_id"] ?? data["id"];
      return typeof run === "string" && (run === fullId || run.startsWith(id));
    });
    if (about) void client.invalidateQueries({ queryKey: keys.run(id) });
  });
}
