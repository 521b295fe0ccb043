/** What the server answers; the shapes follow its OpenAPI document. */
export interface Meta {
  readonly version: string;
  readonly store: string;
  readonly trace_count: number;
  readonly pipelines: readonly string[];
  readonly live: boolean;
  readonly replay: { readonly app: string } | null;
  readonly problems: readonly string[];
  readonly now: string;
}

export interface StepPlace {
  readonly step_number: number;
  readonly node: string;
}

export interface CausePlace extends StepPlace {
  readonly code: string;
  readonly confidence: number;
}

export interface Counts {
  readonly critical: number;
  readonly warning: number;
  readonly info: number;
}

export interface RibbonShape {
  readonly ticks: readonly number[];
  readonly cause: number | null;
  readonly path: readonly number[];
  readonly symptom: number | null;
}

export interface Row {
  readonly id: string;
  readonly short_id: string;
  readonly pipeline: string;
  readonly created_at: string;
  readonly status: string;
  readonly outcome: string;
  readonly duration_ms: number;
  readonly node_count: number;
  readonly headline: string;
  readonly cause: CausePlace | null;
  readonly symptom: StepPlace | null;
  readonly counts: Counts;
  readonly tokens: number | null;
  readonly graph_version: string;
  readonly replay_of: string | null;
  readonly ribbon: RibbonShape | null;
}

export interface TokenProblem {
  readonly token: string;
  readonly hint: string;
}

export interface QueryReport {
  readonly problems: readonly TokenProblem[];
}

export interface TracePage {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
  readonly total: number | null;
  readonly query: QueryReport;
}

export interface Problem {
  readonly pipeline: string;
  readonly severity: string;
  readonly code: string;
  readonly name: string;
  readonly sentence: string;
  readonly runs: number;
  readonly of_runs: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly is_new: boolean;
  readonly node: string | null;
  readonly example_id: string;
  readonly spark: readonly number[];
}

export interface Problems {
  readonly items: readonly Problem[];
}

export interface Bucket {
  readonly start: string;
  readonly runs: number;
  readonly failed: number;
  readonly warning: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly tokens: number | null;
  readonly findings_per_100: number;
}

export interface Trend {
  readonly buckets: readonly Bucket[];
}

export interface Rule {
  readonly code: string;
  readonly name: string;
  readonly layer: string;
  readonly summary: string;
  readonly severity: string;
  readonly precision: number | null;
  readonly enabled: boolean;
}

export interface Rules {
  readonly items: readonly Rule[];
}

export interface RuleManual extends Rule {
  readonly sections: readonly { readonly title: string; readonly paragraphs: readonly string[] }[];
}

export interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  readonly description: string;
}

export interface SettingsList {
  readonly items: readonly Setting[];
}

export interface FieldDifference {
  readonly mark: "+" | "-" | "~";
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

export interface StepPair {
  readonly kind: "same" | "changed" | "missing" | "inserted" | "repeated";
  readonly node_name: string;
  readonly depth: number;
  readonly round: number;
  readonly branch: number;
  readonly a_number: number | null;
  readonly b_number: number | null;
  readonly fields: readonly FieldDifference[];
  readonly fields_left_out: number;
  readonly outcomes: readonly [string, string] | null;
  readonly input_differs: boolean;
  readonly a_ms: number | null;
  readonly b_ms: number | null;
}

export interface FindingRef {
  readonly id: string;
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly node: string;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly sentence: string;
  readonly notes: readonly string[];
  readonly steps: readonly StepPair[];
  readonly first_difference: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly input: readonly FieldDifference[];
  readonly output: readonly FieldDifference[];
  readonly gained: readonly FindingRef[];
  readonly lost: readonly FindingRef[];
  readonly a_ms: number;
  readonly b_ms: number;
  readonly a_tokens: number | null;
  readonly b_tokens: number | null;
}
export type History = Record<string, unknown>;
