/** What differs between two values, part by part. */
import { joinPath } from "./paths";
import { kindOf, type Json } from "./kinds";

export interface Difference {
  readonly path: string;
  readonly mark: "+" | "-" | "~";
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface Differences {
  readonly found: readonly Difference[];
  /** Whether there are more than were looked for. */
  readonly more: boolean;
}

const LIMIT = 200;

/** The smallest parts that differ, in order; lists are compared after what they have in common at both ends. */
export function differences(before: Json, after: Json, limit = LIMIT): Differences {
  const found: Difference[] = [];
  let more = false;
  const add = (one: Difference): void => {
    if (found.length < limit) found.push(one);
    else more = true;
  };
  const visit = (one: Json, other: Json, path: string): void => {
    if (more || same(one, other)) return;
    if (Array.isArray(one) && Array.isArray(other)) {
      lists(one, other, path);
      return;
    }
    if (kindOf(one) === "object" && kindOf(other) === "object") {
      const [old, now] = [one as { [key: string]: Json }, other as { [key: string]: Json }];
      for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
        const at = joinPath(path, key);
        if (!(key in old)) add({ path: at, mark: "+", before: undefined, after: now[key] });
        else if (!(key in now)) add({ path: at, mark: "-", before: old[key], after: undefined });
        else visit(old[key]!, now[key]!, at);
      }
      return;
    }
    add({ path, mark: "~", before: one, after: other });
  };
  const lists = (one: readonly Json[], other: readonly Json[], path: string): void => {
    const shorter = Math.min(one.length, other.length);
    let start = 0;
    while (start < shorter && same(one[start]!, other[start]!)) start++;
    let tail = 0;
    while (tail < shorter - start && same(one[one.length - 1 - tail]!, other[other.length - 1 - tail]!)) tail++;
    const paired = one.length === other.length ? one.length - tail - start : 0;
    for (let index = start; index < start + paired; index++) visit(one[index]!, other[index]!, joinPath(path, index));
    if (paired > 0) return;
    for (let index = start; index < one.length - tail; index++) add({ path: joinPath(path, index), mark: "-", before: one[index], after: undefined });
    for (let index = start; index < other.length - tail; index++) add({ path: joinPath(path, index), mark: "+", before: undefined, after: other[index] });
  };
  visit(before, after, "");
  return { found, more };
}

function same(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => key in other && same((one as { [key: string]: Json })[key]!, (other as { [key: string]: Json })[key]!));
}

export interface TextChange {
  readonly start: string;
  readonly before: string;
  readonly after: string;
  readonly end: string;
}

/** Two texts cut where they differ, at whole words. */
export function textChange(before: string, after: string): TextChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return { start: before, before: "", after: "", end: "" };
  while (start > 0 && (inWord(before, start) || inWord(after, start))) start--;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  while (tail > 0 && (inWord(before, before.length - tail) || inWord(after, after.length - tail))) tail--;
  return {
    start: before.slice(0, start),
    before: before.slice(start, before.length - tail),
    after: after.slice(start, after.length - tail),
    end: tail > 0 ? before.slice(before.length - tail) : "",
  };
}

/** Whether a cut at this place would go through a word. */
function inWord(text: string, at: number): boolean {
  return /\w/.test(text[at - 1] ?? "") && /\w/.test(text[at] ?? "");
}
