import type { Token } from "../../format/query";

/** What can be said in the filter, and with which values. */
export interface Vocabulary {
  readonly pipelines: readonly string[];
  readonly codes: readonly { readonly code: string; readonly name: string; readonly runs: number | null }[];
  readonly nodes: readonly string[];
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Suggestion {
  /** The whole word that it stands for; one that ends with a colon waits for a value. */
  readonly text: string;
  readonly note: string;
}

const KEYS: readonly (readonly [string, string])[] = [
  ["status", "ok, warning, failed, incomplete"],
  ["pipeline", "runs of one pipeline"],
  ["node", "in which this node ran"],
  ["code", "with a finding of this code, STR4* for any ending"],
  ["layer", "statistical, semantic, behavioral, structural"],
  ["severity", "critical, warning, info"],
  ["field", "with a finding about this field"],
  ["since", "started since 1h, 24h, 7d or a date"],
  ["until", "started before"],
  ["dur", "duration, as in dur:>5s"],
  ["steps", "number of steps, as in steps:>100"],
  ["tokens", "tokens spent, as in tokens:>10000"],
  ["version", "runs of one graph version"],
  ["replay-of", "replays of a run"],
];

export const FILTER_KEYS: readonly string[] = KEYS.map(([key]) => key);

const FIXED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  severity: [["critical", ""], ["warning", ""], ["info", ""]],
  layer: [["statistical", "STA"], ["semantic", "SEM"], ["behavioral", "BEH"], ["structural", "STR"]],
  since: [["1h", "the last hour"], ["24h", "the last day"], ["7d", "the last week"], ["30d", "the last 30 days"]],
  until: [["1h", "an hour ago"], ["24h", "a day ago"], ["7d", "a week ago"]],
  dur: [[">1s", "longer than a second"], [">5s", ""], [">1m", ""], ["<100ms", "shorter than"]],
  steps: [[">20", ""], [">100", ""], [">1000", ""]],
  tokens: [[">1000", ""], [">10000", ""]],
};

const LIMIT = 9;

/** What the word being typed may become: keys first, then values of its key. */
export function suggestions(typed: string, vocabulary: Vocabulary): readonly Suggestion[] {
  const match = /^(-?)([\w-]*)(:?)(.*)$/s.exec(typed);
  if (match === null) return [];
  const [, sign = "", key = "", colon = "", rest = ""] = match;
  if (!colon) {
    return KEYS.filter(([name]) => name.startsWith(key.toLowerCase()))
      .slice(0, LIMIT)
      .map(([name, note]) => ({ text: `${sign}${name}:`, note }));
  }
  const before = rest.includes(",") ? rest.slice(0, rest.lastIndexOf(",") + 1) : "";
  const begun = rest.slice(before.length).replace(/^"/, "").toLowerCase();
  const taken = new Set(before.split(","));
  return values(key.toLowerCase(), vocabulary)
    .filter(([value]) => value.toLowerCase().includes(begun) && !taken.has(value))
    .sort(([one], [other]) => Number(other.toLowerCase().startsWith(begun)) - Number(one.toLowerCase().startsWith(begun)))
    .slice(0, LIMIT)
    .map(([value, note]) => ({ text: `${sign}${key}:${before}${/[\s"]/.test(value) ? JSON.stringify(value) : value}`, note }));
}

function values(key: string, vocabulary: Vocabulary): readonly (readonly [string, string])[] {
  if (key === "pipeline") return vocabulary.pipelines.map((name) => [name, ""] as const);
  if (key === "node") return vocabulary.nodes.map((name) => [name, ""] as const);
  if (key === "status") return Object.entries(vocabulary.statuses).map(([name, runs]) => [name, runs < 0 ? "" : runsOf(runs)] as const);
  if (key === "code") {
    return vocabulary.codes.map(({ code, name, runs }) => [code, runs === null ? name.replaceAll("_", " ") : `${name.replaceAll("_", " ")}, ${runsOf(runs)}`] as const);
  }
  return FIXED[key] ?? [];
}

const runsOf = (runs: number): string => `${runs} ${runs === 1 ? "run" : "runs"}`;

/** Why a word will not be understood; null when it may be. The server has the last word. */
export function doubtful(token: Token): string | null {
  if (token.key === null || FILTER_KEYS.includes(token.key) || token.key === "text" || token.key === "id") return null;
  const nearest = FILTER_KEYS.find((key) => key.startsWith(token.key?.slice(0, 2) ?? "")) ?? "status";
  return `There is no key ${token.key}; ${nearest} exists.`;
}
