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
  readonly severity: string;
  readonly precision: number | null;
  readonly enabled: boolean;
}

export interface Rules {
  readonly items: readonly Rule[];
}

export interface RuleManual extends Rule {
  readonly manual: string;
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

export type Comparison = Record<string, unknown>;
export type History = Record<string, unknown>;
