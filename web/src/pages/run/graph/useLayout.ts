/** The layout of a graph, computed in a worker and kept per input. */
import { useEffect, useState } from "react";
import type { Layout, LayoutInput } from "./layout";

let worker: Worker | null = null;
let last = 0;
const waiting = new Map<number, (layout: Layout) => void>();
const kept = new Map<string, Layout>();
const KEPT = 40;

function ask(input: LayoutInput): Promise<Layout> {
  if (!worker) {
    worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", (event: MessageEvent<{ id: number; layout: Layout }>) => {
      waiting.get(event.data.id)?.(event.data.layout);
      waiting.delete(event.data.id);
    });
  }
  const id = ++last;
  const answer = new Promise<Layout>((resolve) => waiting.set(id, resolve));
  worker.postMessage({ id, input });
  return answer;
}

/**
 * @param key Tells inputs apart: the graph's version and what is unfolded.
 * @param input What to lay out, or null while it is not known.
 */
export function useLayout(key: string, input: LayoutInput | null): Layout | null {
  const [found, setFound] = useState<{ key: string; layout: Layout } | null>(null);
  useEffect(() => {
    if (!input || kept.has(key)) return;
    let current = true;
    void ask(input).then((layout) => {
      kept.set(key, layout);
      const oldest = kept.size > KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      if (current) setFound({ key, layout });
    });
    return () => {
      current = false;
    };
  }, [key, input]);
  if (!input) return null;
  return kept.get(key) ?? found?.layout ?? null;
}
