import { ReactFlow, ReactFlowProvider, useReactFlow, ViewportPortal } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Maximize } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { counted } from "../../../format/count";

import { useKeys } from "../../../keyboard/useKeys";
import { RoleGlyph, type Role } from "../../../parts/Badge";
import type { GraphInfo, GraphNodeInfo, ThreadHop } from "../api";
import { drawing, type Drawing } from "./input";
import { fit, SMALLEST, type Box } from "./fit";
import { GraphEdges } from "./GraphEdges";
import { GraphList } from "./GraphList";
import type { Layout } from "./layout";
import { RunNode, type RunFlowNode } from "./RunNode";
import { useLayout } from "./useLayout";
import styles from "./GraphPane.module.css";

interface Props {
  readonly graph: GraphInfo;
  /** Hops of the fault between the paths of nodes. */
  readonly thread: readonly ThreadHop[];
  /** The path of the node of the selected step. */
  readonly selected: string | null;
  /** Paths of nodes that ran side by side with themselves. */
  readonly stacked: ReadonlySet<string>;
  readonly mild: boolean;
  /** Taller when there is no fault to look at. */
  readonly roomy: boolean;
  readonly onNode: (node: GraphNodeInfo) => void;
}

const TYPES = { run: RunNode };
/** Down to this zoom even the smallest words are read without effort. */
const READABLE = 0.92;
/** A small pane shows a part of the graph whatever is done. */
const UNBOUND = 100_000;
/** Above this many nodes subgraphs stay folded until they are asked for. */
const MANY = 300;

/** The subgraphs that the fault went through are open from the start. */
function aroundFault(graph: GraphInfo): ReadonlySet<string> {
  if (graph.nodes.length > MANY) return new Set();
  return new Set(graph.nodes.flatMap((node) => (node.role !== null && node.parent !== null ? [node.parent] : [])));
}

export function GraphPane(props: Props) {
  return (
    <ReactFlowProvider>
      <Pane {...props} />
    </ReactFlowProvider>
  );
}

function Pane({ graph, thread, selected, stacked, mild, roomy, onNode }: Props) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(() => aroundFault(graph));
  const [room, setRoom] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    // In steps, so that dragging the edge of the inspector does not lay out anew for every pixel.
    const measure = (): void => setRoom(element.clientWidth < 600 ? UNBOUND : Math.floor(element.clientWidth / READABLE / 40) * 40);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const drawn = useMemo(() => (room === null ? null : drawing(graph, thread, unfolded, room)), [graph, thread, unfolded, room]);
  const layout = useLayout(drawn?.key ?? "", drawn?.input ?? null);
  const fold = useCallback((id: string) => {
    setUnfolded((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const height = layout === null ? 230 : Math.round(Math.min(roomy ? 360 : 256, Math.max(roomy ? 180 : 150, layout.height + 40)));
  return (
    <section className={styles.box} aria-label="Graph">
      <div className={styles.head}>
        <h2 className={styles.title}>Graph</h2>
        <span className="t3 num">
          {graph.ran} of {counted(graph.declared, "node")} ran
        </span>
        <span className="grow" />
        <Legend roles={new Set(graph.nodes.map((node) => node.role))} path={thread.length > 0} mild={mild} />
        <FitButton />
      </div>
      <div ref={place} className={styles.pane} style={{ height }} aria-hidden>
        {layout !== null && drawn !== null && (
          <Flow
            drawn={drawn}
            layout={layout}
            nodes={nodesOf({ drawn, layout, selected, stacked, unfolded, mild, onNode, fold })}
            first={selected}
          />
        )}
      </div>
      <GraphList graph={graph} />
    </section>
  );
}

interface NodesOf {
  readonly drawn: Drawing;
  readonly layout: Layout;
  readonly selected: string | null;
  readonly stacked: ReadonlySet<string>;
  readonly unfolded: ReadonlySet<string>;
  readonly mild: boolean;
  readonly onNode: (node: GraphNodeInfo) => void;
  readonly fold: (id: string) => void;
}

function nodesOf({ drawn, layout, selected, stacked, unfolded, mild, onNode, fold }: NodesOf): RunFlowNode[] {
  const found: RunFlowNode[] = [];
  for (const place of layout.nodes) {
    const info = drawn.nodes.get(place.id);
    if (info === undefined) continue;
    found.push({
      id: place.id,
      type: "run",
      position: { x: place.x, y: place.y },
      width: place.width,
      height: place.height,
      zIndex: info.parent === null ? 0 : info.path.split("/").length,
      data: {
        info,
        selected: place.id === selected,
        stacked: stacked.has(place.id),
        holds: drawn.holders.has(info.path),
        unfolded: unfolded.has(place.id),
        mild,
        onPick: info.executions > 0 ? () => onNode(info) : null,
        onFold: () => fold(place.id),
      },
    });
  }
  return found;
}

interface FlowProps {
  readonly drawn: Drawing;
  readonly layout: Layout;
  readonly nodes: RunFlowNode[];
  readonly first: string | null;
}

function Flow({ drawn, layout, nodes, first }: FlowProps) {
  const place = useRef<HTMLDivElement>(null);
  const flow = useReactFlow();
  const [pane, setPane] = useState<Box | null>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const measure = (): void => setPane({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const look = useCallback(() => {
    if (pane !== null && pane.width > 0) void flow.setViewport(fit(layout, pane, layout.nodes, drawn.thread, first));
    // The selected node only matters when nothing else does: looking must not follow every step.
  }, [pane, layout, drawn, flow]);
  useLayoutEffect(look, [look]);
  useEffect(() => {
    window.addEventListener("argus:fit", look);
    return () => window.removeEventListener("argus:fit", look);
  }, [look]);
  useKeys([{ keys: "f", what: "Fit the way of the fault", run: look }]);
  return (
    <div ref={place} className={styles.flow}>
      {pane !== null && (
        <ReactFlow<RunFlowNode>
          nodes={nodes}
          nodeTypes={TYPES}
          minZoom={SMALLEST}
          maxZoom={1.6}
          defaultViewport={fit(layout, pane, layout.nodes, drawn.thread, first)}
          onlyRenderVisibleElements={nodes.length > 300}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          zoomOnDoubleClick={false}
          preventScrolling={false}
          zoomOnScroll={false}
          panOnScroll={false}
          proOptions={{ hideAttribution: true }}
          translateExtent={[[-400, -300], [layout.width + 400, layout.height + 300]]}
        >
          <ViewportPortal>
            <GraphEdges drawn={drawn} layout={layout} />
          </ViewportPortal>
        </ReactFlow>
      )}
    </div>
  );
}

function FitButton() {
  return (
    <button type="button" className="iconbtn" title="Fit the way of the fault (f)" aria-label="Fit graph" onClick={() => window.dispatchEvent(new Event("argus:fit"))}>
      <Maximize size={14} strokeWidth={1.5} aria-hidden />
    </button>
  );
}

interface LegendProps {
  readonly roles: ReadonlySet<Role | null>;
  readonly path: boolean;
  readonly mild: boolean;
}

function Legend({ roles, path, mild }: LegendProps) {
  return (
    <span className={styles.legend} aria-hidden>
      {roles.has("cause") && (
        <span className={styles.cause}>
          <RoleGlyph role="cause" size={11} /> cause
        </span>
      )}
      {path && (
        <span className={styles.path}>
          <svg width="18" height="6">
            <path d="M0 3h18" stroke="var(--blame-fill)" strokeWidth="3" />
          </svg>
          path of the fault
        </span>
      )}
      {roles.has("symptom") && (
        <span className={mild ? styles.mild : styles.symptom}>
          <RoleGlyph role="symptom" size={11} severity={mild ? "warning" : "critical"} /> symptom
        </span>
      )}
    </span>
  );
}
