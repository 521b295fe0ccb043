/** Messages of any of the usual shapes, read as turns of a conversation. */
import type { Json } from "./kinds";

export interface MessageCall {
  readonly id: string | null;
  readonly name: string;
  readonly arguments: Json;
}

export interface Message {
  readonly who: "system" | "user" | "assistant" | "tool" | "other";
  readonly name: string | null;
  readonly text: string;
  /** Parts of the content that are no text, such as an image: their types. */
  readonly others: readonly string[];
  readonly calls: readonly MessageCall[];
  /** For an answer of a tool: the id of the call it answers. */
  readonly answers: string | null;
  readonly tokens: number | null;
}

type Fields = { readonly [key: string]: Json };

const WHO: Readonly<Record<string, Message["who"]>> = {
  human: "user",
  user: "user",
  ai: "assistant",
  assistant: "assistant",
  AIMessageChunk: "assistant",
  model: "assistant",
  system: "system",
  developer: "system",
  tool: "tool",
  function: "tool",
};

/** The messages of a list, or null when it is not a list of messages. */
export function messagesOf(value: Json): Message[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const found: Message[] = [];
  for (const item of value) {
    const message = messageOf(item);
    if (message === null) return null;
    found.push(message);
  }
  return found;
}

export function messageOf(item: Json): Message | null {
  if (Array.isArray(item) && item.length === 2 && typeof item[0] === "string" && item[0] in WHO) {
    return { who: WHO[item[0]]!, name: null, ...contentOf(item[1] ?? null), calls: [], answers: null, tokens: null };
  }
  if (!isFields(item)) return null;
  const kind = textAt(item, "role") ?? textAt(item, "type");
  const who = kind === null ? undefined : WHO[kind];
  if (who === undefined || !("content" in item || "tool_calls" in item)) return null;
  return {
    who,
    name: textAt(item, "name"),
    ...contentOf(item["content"] ?? null),
    calls: callsOf(item),
    answers: textAt(item, "tool_call_id"),
    tokens: tokensOf(item),
  };
}

function contentOf(content: Json): { text: string; others: string[] } {
  if (content === null) return { text: "", others: [] };
  if (typeof content === "string") return { text: content, others: [] };
  if (!Array.isArray(content)) return { text: JSON.stringify(content), others: [] };
  const texts: string[] = [];
  const others: string[] = [];
  for (const part of content) {
    if (typeof part === "string") texts.push(part);
    else if (isFields(part)) {
      const text = textAt(part, "text");
      if (text !== null) texts.push(text);
      else if (!/tool_use|tool_call|function/.test(textAt(part, "type") ?? "")) others.push(textAt(part, "type") ?? "part");
    }
  }
  return { text: texts.join("\n"), others };
}

function callsOf(message: Fields): MessageCall[] {
  const calls = message["tool_calls"];
  if (!Array.isArray(calls)) return [];
  return calls.filter(isFields).map((call) => {
    const inner = isFields(call["function"] ?? null) ? (call["function"] as Fields) : call;
    return {
      id: textAt(call, "id"),
      name: textAt(inner, "name") ?? "?",
      arguments: parsed(inner["args"] ?? inner["arguments"] ?? null),
    };
  });
}

/** Arguments that travel as JSON text are shown as what they say. */
function parsed(value: Json): Json {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

function tokensOf(message: Fields): number | null {
  const usage = message["usage_metadata"] ?? message["usage"] ?? null;
  const total = isFields(usage) ? usage["total_tokens"] : null;
  return typeof total === "number" ? total : null;
}

function isFields(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textAt(fields: Fields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : null;
}
