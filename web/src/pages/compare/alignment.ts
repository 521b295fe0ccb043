import type { Comparison, FieldDifference, Shown, StepPair } from "../../api/types";

/** A line of the aligned list: a pair, or a stretch of pairs in which nothing differs. */
export type Line =
  | { readonly kind: "pair"; readonly pair: StepPair; readonly index: number }
  | { readonly kind: "fold"; readonly pairs: readonly StepPair[]; readonly from: number };

/** Pairs with identical stretches folded, except those that were opened. */
export function linesOf(pairs: readonly StepPair[], opened: ReadonlySet<number>, all: boolean): readonly Line[] {
  const lines: Line[] = [];
  let stretch: StepPair[] = [];
  let from = 0;
  const close = (): void => {
    if (stretch.length === 0) return;
    if (all || opened.has(from)) stretch.forEach((pair, place) => lines.push({ kind: "pair", pair, index: from + place }));
    else lines.push({ kind: "fold", pairs: stretch, from });
    stretch = [];
  };
  pairs.forEach((pair, index) => {
    if (pair.kind === "same") {
      if (stretch.length === 0) from = index;
      stretch.push(pair);
      return;
    }
    close();
    lines.push({ kind: "pair", pair, index });
  });
  close();
  return lines;
}

/** How a pair is named in an address: by its number in A, or in B when it is only there. */
export function pairKey(pair: StepPair): string {
  return pair.a !== null ? String(pair.a) : `b${pair.b ?? ""}`;
}

/** "Steps 3 to 7", "Step 1". */
export function stretchName(pairs: readonly StepPair[]): string {
  const numbers = pairs.map((pair) => pair.a ?? pair.b ?? 0);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  return first === last ? `Step ${first}` : `Steps ${first} to ${last}`;
}

/** The nodes of a stretch, each once, with how often. */
export function nodesOf(pairs: readonly StepPair[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.node, (counts.get(pair.node) ?? 0) + 1);
  return [...counts].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`));
}

export interface ChangeWords {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a field did from A to B, in the words of a row. */
export function wordsOf(field: FieldDifference): ChangeWords {
  return {
    path: field.path,
    before: field.a === null ? null : preview(field.a),
    after: field.b === null ? null : preview(field.b),
  };
}

const PREVIEW = 32;

/** A value in a few characters: small ones as they are, others by their size. */
export function preview(shown: Shown, limit = PREVIEW): string {
  if (shown.text.length <= limit) return shown.text;
  if (shown.type === "list" || shown.type === "dict") return `[${shown.size}]`;
  return `${shown.text.slice(0, limit - 1)}…`;
}

const ORIGINS = { patched: "patched", live: "live", recorded: "from the recording" } as const;

/** "1 patched", "5 live", "1 from the recording": what a replay ran. Empty when B is none. */
export function countOrigins(pairs: readonly StepPair[]): readonly string[] {
  return (["patched", "live", "recorded"] as const).flatMap((origin) => {
    const count = pairs.filter((pair) => pair.origin === origin).length;
    return count === 0 ? [] : [`${count} ${ORIGINS[origin]}`];
  });
}

/** Whether a replay helped, in a word before the sentence. Two runs that have nothing to do with each other have none. */
export function outcomeOf({ a, b, lost }: Pick<Comparison, "a" | "b" | "lost">): string {
  if (b.replay_of !== a.id || a.status === "ok") return "";
  if (b.status === "ok") return "Resolved. ";
  return lost.length === 0 ? "Not resolved. " : "Different. ";
}
