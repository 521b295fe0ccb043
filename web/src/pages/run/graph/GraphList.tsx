import { counted } from "../../../format/count";
import { visible } from "../../../format/hostile";
import type { GraphInfo } from "../api";

const ROLES = { cause: ", where the fault began", path: ", on the path of the fault", symptom: ", where the fault surfaced" } as const;
const TOLD = 400;

/** The graph in words: nodes in order with what leads on from them. */
export function GraphList({ graph }: { readonly graph: GraphInfo }) {
  const names = new Map(graph.nodes.map((node) => [node.path, node.kind === "end" ? "the end" : visible(node.name)]));
  const onward = new Map<string, string[]>();
  for (const edge of graph.edges) {
    const list = onward.get(edge.source) ?? [];
    list.push(names.get(edge.target) ?? visible(edge.target));
    onward.set(edge.source, list);
  }
  const told = graph.nodes.filter((node) => node.kind !== "start" && node.kind !== "end");
  return (
    <ol className="unseen" aria-label="Nodes of the graph in order">
      {told.slice(0, TOLD).map((node) => {
        const next = onward.get(node.path) ?? [];
        return (
          <li key={node.path}>
            {visible(node.name)}
            {node.parent !== null && `, inside ${names.get(node.parent) ?? visible(node.parent)}`}
            {node.executions === 0 ? ", not taken" : `, ran ${counted(node.executions, "time")}`}
            {node.role !== null && ROLES[node.role]}
            {next.length > 0 && `; leads to ${next.join(", ")}`}
          </li>
        );
      })}
      {told.length > TOLD && <li>{counted(told.length - TOLD, "more node")}</li>}
      {graph.thread.map((hop, index) => (
        <li key={`hop ${index}`}>
          The fault went from {visible(hop.source)} to {visible(hop.target)}
          {hop.field !== null && ` in ${visible(hop.field)}`}
        </li>
      ))}
    </ol>
  );
}
