/** What a field of the state is before the step, as far as it is known. */
export interface KnownField {
  readonly name: string;
  /** `text`, `number`, `bool`, `null`, `list`, `dict` and what stands in for something else. */
  readonly type: string;
  readonly size: string;
}

export interface PatchLine {
  readonly field: string;
  readonly fine: boolean;
  readonly note: string;
}

export type Patch =
  | { readonly kind: "none" }
  | { readonly kind: "wrong"; readonly message: string; readonly line: number | null }
  | { readonly kind: "patch"; readonly value: Readonly<Record<string, unknown>>; readonly lines: readonly PatchLine[] };

/** What the typed text changes: JSON by field, checked against the fields that exist. */
export function readPatch(text: string, known: readonly KnownField[]): Patch {
  if (text.trim() === "" || /^\s*\{\s*\}\s*$/.test(text)) return { kind: "none" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "wrong", message: reason(error), line: lineOf(text, error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "wrong", message: "Write an object: fields and their new values.", line: null };
  }
  const patch = value as Record<string, unknown>;
  return { kind: "patch", value: patch, lines: Object.entries(patch).map(([field, one]) => checked(field, one, known)) };
}

function checked(field: string, value: unknown, known: readonly KnownField[]): PatchLine {
  const before = known.find((one) => one.name === field);
  const type = typeOf(value);
  if (before === undefined) return { field, fine: true, note: `new field, ${WORDS[type] ?? type}` };
  if (before.type === "null" || type === "null" || before.type === type || !(before.type in WORDS)) {
    return { field, fine: true, note: `${WORDS[type] ?? type}, was ${before.size || before.type}` };
  }
  return { field, fine: false, note: `it was ${WORDS[before.type] ?? before.type}; you wrote ${WORDS[type] ?? type}` };
}

const WORDS: Readonly<Record<string, string>> = { text: "text", number: "a number", bool: "true or false", list: "a list", dict: "an object" };

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  const type = typeof value;
  return type === "string" ? "text" : type === "boolean" ? "bool" : type === "object" ? "dict" : type;
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `This is not JSON yet: ${message.replace(/^JSON\.parse: /, "").replace(/ in JSON.*$/s, "").replace(/ \(line.*$/s, "")}.`;
}

function lineOf(text: string, error: unknown): number | null {
  const message = error instanceof Error ? error.message : "";
  const line = /line (\d+)/.exec(message);
  if (line !== null) return Number(line[1]);
  const position = /position (\d+)/.exec(message);
  return position === null ? null : text.slice(0, Number(position[1])).split("\n").length;
}

/** Which steps come from the recording and which run for real. */
export interface Split {
  readonly recorded: number;
  readonly live: number;
  /** The nodes that run for real, each once, in order. */
  readonly nodes: readonly string[];
}

/** What the player does: all before the superstep of the chosen step is served, and what ran beside it too. */
export function splitAt(numbers: readonly number[], nodes: readonly string[], supersteps: readonly (number | null)[], from: number): Split {
  const chosen = supersteps[numbers.indexOf(from)] ?? null;
  const live = numbers.flatMap((number, index) => {
    const superstep = supersteps[index] ?? null;
    const runs = number === from || (number > from && (chosen === null || superstep === null || superstep !== chosen));
    return runs ? [nodes[index] ?? ""] : [];
  });
  return { recorded: numbers.length - live.length, live: live.length, nodes: [...new Set(live)] };
}
