import { memo } from "react";
import { count } from "../../../format/count";
import { visible } from "../../../format/hostile";
import type { Drawing, EdgeLook } from "./input";
import type { Layout, Routed } from "./layout";
import styles from "./GraphEdges.module.css";

interface Props {
  readonly drawn: Drawing;
  readonly layout: Layout;
}

/** The edges under the nodes; the way of the fault lies on top of the others. */
export const GraphEdges = memo(function GraphEdges({ drawn, layout }: Props) {
  const found: { route: Routed; look: EdgeLook }[] = [];
  for (const route of layout.edges) {
    const look = drawn.edges.get(route.id);
    if (look !== undefined) found.push({ route, look });
  }
  const order = { untaken: 0, taken: 1, thread: 2 } as const;
  found.sort((one, other) => order[one.look.kind] - order[other.look.kind]);
  return (
    <div className={styles.layer}>
      <svg className={styles.edges} width={layout.width} height={layout.height}>
        <defs>
          <marker id="edge-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto">
            <path d="M0 0 8 4 0 8z" fill="var(--control)" />
          </marker>
          <marker id="thread-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="3.8" markerHeight="3.8" orient="auto">
            <path d="M0 0 8 4 0 8z" fill="var(--blame-fill)" />
          </marker>
        </defs>
        {found.map(({ route, look }) => (
          <path key={route.id} d={route.path} className={styles[look.kind]} markerEnd={look.kind === "thread" ? "url(#thread-tip)" : "url(#edge-tip)"} />
        ))}
      </svg>
      {found.map(({ route, look }) => {
        const text = labelOf(route, look);
        if (text === "") return null;
        return (
          <span
            key={route.id}
            className={look.kind === "thread" ? `${styles.label} ${styles.field}` : styles.label}
            style={{ left: route.labelX, top: route.labelY }}
            title={text}
          >
            {text.length > 22 ? `${text.slice(0, 21)}…` : text}
          </span>
        );
      })}
    </div>
  );
});

function labelOf(route: Routed, look: EdgeLook): string {
  if (look.field !== "") return visible(look.field);
  return route.way === "back" && look.count > 0 ? `${count(look.count + 1)} rounds` : "";
}
