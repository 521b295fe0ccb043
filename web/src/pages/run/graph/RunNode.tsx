import type { NodeProps, Node } from "@xyflow/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { visible } from "../../../format/hostile";
import { RoleGlyph } from "../../../parts/Badge";
import { Sentence } from "../../../parts/Sentence";
import { Name } from "../../../parts/Text";
import type { GraphNodeInfo } from "../api";
import styles from "./RunNode.module.css";

export interface RunNodeData extends Record<string, unknown> {
  readonly info: GraphNodeInfo;
  readonly selected: boolean;
  readonly stacked: boolean;
  readonly holds: boolean;
  readonly unfolded: boolean;
  readonly mild: boolean;
  readonly onPick: (() => void) | null;
  readonly onFold: () => void;
}

export type RunFlowNode = Node<RunNodeData, "run">;

const TABS = { cause: "began here", symptom: "surfaced here", path: "" } as const;

/** A node of the graph: its name, one fact, its part in the fault. */
export const RunNode = memo(function RunNode({ data }: NodeProps<RunFlowNode>) {
  const { info, unfolded, mild } = data;
  if (info.kind === "start") return <div className={styles.pin}>start</div>;
  const role = info.role;
  const ran = info.executions > 0;
  const look = [
    unfolded ? styles.open : styles.node,
    role === "symptom" && mild ? styles.mild : role ? styles[role] : "",
    !ran && styles.ghost,
    data.stacked && !unfolded && styles.stack,
    data.holds && !unfolded && styles.holds,
    data.selected && styles.on,
  ];
  return (
    <div className={look.filter(Boolean).join(" ")}>
      {role !== null && TABS[role] !== "" && <span className={styles.tab}>{TABS[role]}</span>}
      <button type="button" tabIndex={-1} className={`${styles.face} nopan`} disabled={data.onPick === null} onClick={data.onPick ?? undefined} title={visible(info.name)}>
        <span className={styles.head}>
          {role !== null && role !== "path" && <RoleGlyph role={role} size={11} severity={mild ? "warning" : "critical"} />}
          <span className="ell">
            <Name>{info.name}</Name>
          </span>
        </span>
        <span className={`${styles.fact} num ell`}>{ran ? <Sentence>{info.fact}</Sentence> : "not taken"}</span>
      </button>
      {data.holds && (
        <button type="button" tabIndex={-1} className={`${styles.fold} nopan`} onClick={data.onFold} title={unfolded ? "Fold the subgraph" : "Unfold the subgraph"}>
          {unfolded ? <ChevronDown size={14} strokeWidth={1.5} /> : <ChevronRight size={14} strokeWidth={1.5} />}
        </button>
      )}
    </div>
  );
});
