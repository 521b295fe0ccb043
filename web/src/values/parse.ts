/** JSON text to a value; what is large is parsed in a worker. */

const LARGE = 256 * 1024;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

let worker: Worker | null = null;
let last = 0;
const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();

export async function parseJson<T>(text: string): Promise<T> {
  if (text.length < LARGE) return JSON.parse(text) as T;
  worker ??= start();
  const id = ++last;
  return new Promise<T>((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    worker?.postMessage({ id, text });
  });
}

function start(): Worker {
  const made = new Worker(new URL("./parse.worker.ts", import.meta.url), { type: "module" });
  made.addEventListener("message", (event: MessageEvent<Answer>) => {
    const { id, value, error } = event.data;
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(value);
    else one?.reject(new Error(error));
  });
  return made;
}
