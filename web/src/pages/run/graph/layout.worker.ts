/** Lays graphs out off the main thread. */
import { layout, type LayoutInput } from "./layout";

interface Job {
  readonly id: number;
  readonly input: LayoutInput;
}

self.addEventListener("message", (event: MessageEvent<Job>) => {
  const { id, input } = event.data;
  self.postMessage({ id, layout: layout(input) });
});
