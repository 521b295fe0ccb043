/** The filter language as far as the page must know it: words with a key, a sign and alternatives, and free text. */
export interface Token {
  /** As it stands in the query. */
  readonly text: string;
  readonly key: string | null;
  readonly value: string;
  readonly negated: boolean;
}

const WORD = /-?[A-Za-z][\w-]*:(?:"(?:[^"\\]|\\.)*"|[^\s"])*|"(?:[^"\\]|\\.)*"?|[^\s]+/g;
const KEYED = /^(-?)([A-Za-z][\w-]*):(.*)$/s;

export function tokensOf(query: string): readonly Token[] {
  return (query.match(WORD) ?? []).map((text) => {
    const keyed = KEYED.exec(text);
    if (keyed === null) return { text, key: null, value: unquoted(text), negated: false };
    return { text, key: (keyed[2] ?? "").toLowerCase(), value: unquoted(keyed[3] ?? ""), negated: keyed[1] === "-" };
  });
}

export function joined(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join(" ");
}

/** The query without every word of these keys. */
export function without(query: string, ...keys: readonly string[]): string {
  return joined(tokensOf(query).filter((token) => token.key === null || token.negated || !keys.includes(token.key)));
}

/** The query in which this word holds and no other of its key. */
export function having(query: string, key: string, value: string): string {
  return [without(query, key), word(key, value)].filter(Boolean).join(" ");
}

/** One word of the language; values with spaces are quoted. */
export function word(key: string, value: string): string {
  return `${key}:${/[\s"]/.test(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : value}`;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1).replace(/"$/, "").replaceAll(/\\(.)/g, "$1") : text;
}
