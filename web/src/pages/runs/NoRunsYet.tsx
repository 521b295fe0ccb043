import { visible } from "../../format/hostile";
import { Empty } from "../../parts/States";

const TWO_LINES = "import argus\napp = argus.attach(graph)";

/** A store without runs: how to fill it, and which one is served. */
export function NoRunsYet({ store }: { readonly store: string }) {
  return (
    <Empty title={<span>Watch a graph in two lines.</span>} code={TWO_LINES} command="argus demo">
      <p>
        Runs appear here as they happen. Nothing leaves this machine. Serving <code>{visible(store)}</code>, 0 runs.
      </p>
    </Empty>
  );
}
