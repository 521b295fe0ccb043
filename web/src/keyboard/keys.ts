/** The map of keys: pages say what a key does while they are shown; typing in a field is never taken for a command. */
export interface Binding {
  /** The key as `KeyboardEvent.key` says it; two letters with a space are pressed one after the other. */
  readonly keys: string;
  readonly what: string;
  readonly run: (event: KeyboardEvent) => void;
}

const PAUSE = 900;
const OFF = "argus.keys";

let bindings: readonly (readonly Binding[])[] = [];
let pending: { key: string; at: number } | null = null;

export function keysAreOff(): boolean {
  return localStorage.getItem(OFF) === "off";
}

export function switchKeys(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "off");
}

/** Adds bindings until the returned function is called; the newest win. */
export function bind(added: readonly Binding[]): () => void {
  bindings = [added, ...bindings];
  return () => {
    bindings = bindings.filter((one) => one !== added);
  };
}

/** All bindings that hold now, each key once. */
export function boundKeys(): readonly Binding[] {
  const seen = new Map<string, Binding>();
  for (const binding of bindings.flat()) if (!seen.has(binding.keys)) seen.set(binding.keys, binding);
  return [...seen.values()];
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Answers a key; tells whether it meant something. */
export function press(event: KeyboardEvent, now: number = performance.now()): boolean {
  const palette = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k";
  if (palette) return fire("⌘K", event);
  if (event.metaKey || event.ctrlKey || event.altKey || keysAreOff()) return false;
  if (isTyping(event.target) || document.querySelector("[role=dialog]") !== null) return false;
  if (pending !== null && now - pending.at < PAUSE) {
    const sequence = `${pending.key} ${event.key}`;
    pending = null;
    if (fire(sequence, event)) return true;
  }
  pending = null;
  if (fire(event.key, event)) return true;
  if (boundKeys().some((binding) => binding.keys.startsWith(`${event.key} `))) pending = { key: event.key, at: now };
  return false;
}

function fire(keys: string, event: KeyboardEvent): boolean {
  const found = boundKeys().find((binding) => binding.keys === keys);
  if (found === undefined) return false;
  event.preventDefault();
  found.run(event);
  return true;
}
