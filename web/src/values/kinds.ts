/** What a recorded value is, the marks that capture left in it included. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A text of which only the beginning was sent. */
export function begunText(value: Json): { readonly text: string; readonly length: number } | null {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value[MARK] !== "text") return null;
  return { text: String(value["text"] ?? ""), length: Number(value["length"] ?? 0) };
}

export type Kind = "null" | "boolean" | "number" | "text" | "list" | "object" | "placeholder";

export const MARK = "$argus";
const CUT = /⟦cut length=(\d+) xxh3=([0-9a-f]{32})⟧$/;
const REDACTED = /^\[REDACTED(?::([\w-]+))?\]$/;

export function kindOf(value: Json): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return MARK in value ? "placeholder" : "object";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "number" : "boolean";
}

export interface Cut {
  readonly kept: number;
  readonly length: number;
  readonly hash: string;
}

/** What was cut from a text at capture, or null when it is whole. */
export function cutOf(value: Json): Cut | null {
  if (typeof value !== "string" || !value.endsWith("⟧")) return null;
  const tail = value.slice(-90);
  const found = CUT.exec(tail);
  if (!found) return null;
  return { kept: value.length - found[0].length, length: Number(found[1]), hash: found[2]! };
}

/** The kind of secret that was taken out at capture: a word, the empty string when it is not told, or null for none. */
export function redactionOf(value: Json): string | null {
  if (typeof value !== "string" || !value.startsWith("[REDACTED")) return null;
  const found = REDACTED.exec(value);
  return found ? (found[1] ?? "") : null;
}

/** A placeholder in words. */
export function describePlaceholder(value: { [key: string]: Json }): string {
  const kind = String(value[MARK]);
  const told = (key: string): string => shortText(String(value[key] ?? "?"), 60);
  switch (kind) {
    case "object":
      return `<${told("type")}>, not serialisable, type kept`;
    case "cycle":
      return "<the same object again>";
    case "deep":
      return `<${told("type")}>, nested too deep to record`;
    case "bytes":
      return `<${told("length")} bytes>`;
    case "buffer":
      return `<${[told("type"), value["dtype"] ? told("dtype") : "", value["shape"] ? JSON.stringify(value["shape"]) : ""].filter(Boolean).join(" ")}>`;
    case "float":
      return told("value");
    case "more":
      return `… ${Number(value["count"] ?? 0).toLocaleString("en-US")} more`;
    case "text":
      return `"${shortText(String(value["text"] ?? ""), 200)}" of ${told("length")} characters`;
    case "skipped":
      return "<skipped at capture>";
    case "hashed":
      return `<${told("length")} characters, hashed at capture>`;
    case "error":
      return `<could not be recorded: ${told("type")}>`;
    default:
      return `<${shortText(kind, 60)}>`;
  }
}

/** The size beside a key: characters, items, fields; empty for what shows itself. */
export function sizeOf(value: Json): string {
  switch (kindOf(value)) {
    case "text":
      return plural(cutOf(value)?.length ?? (value as string).length, "character");
    case "list":
      return plural((value as Json[]).length, "item");
    case "object":
      return plural(Object.keys(value as object).length, "field");
    default:
      return "";
  }
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}

export function shortText(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** A value in one line of at most about `limit` characters; the work is bounded by the limit, not by the value. */
export function preview(value: Json, limit = 80): string {
  let left = limit;
  const write = (one: Json, depth: number): string => {
    if (left <= 0) return "…";
    const kind = kindOf(one);
    if (kind === "placeholder") return spend(describePlaceholder(one as { [key: string]: Json }));
    if (kind === "text") {
      const cut = cutOf(one);
      const text = (one as string).slice(0, Math.min(left, cut?.kept ?? Infinity));
      return spend(`"${text}${text.length < (one as string).length ? "…" : ""}"`);
    }
    if (kind === "list") {
      if (depth > 4) return "[…]";
      left -= 2;
      const parts: string[] = [];
      for (const item of one as Json[]) {
        if (left <= 0) {
          parts.push("…");
          break;
        }
        parts.push(write(item, depth + 1));
        left -= 2;
      }
      return `[${parts.join(", ")}]`;
    }
    if (kind === "object") {
      if (depth > 4) return "{…}";
      left -= 2;
      const parts: string[] = [];
      for (const key of Object.keys(one as object)) {
        if (left <= 0) {
          parts.push("…");
          break;
        }
        const name = shortText(key, 60);
        left -= name.length + 4;
        parts.push(`${name}: ${write((one as { [key: string]: Json })[key]!, depth + 1)}`);
      }
      return `{${parts.join(", ")}}`;
    }
    return spend(String(one));
  };
  const spend = (text: string): string => {
    left -= text.length;
    return text;
  };
  return write(value, 0);
}
