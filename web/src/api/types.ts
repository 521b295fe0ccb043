/** What the server answers; the shapes follow its OpenAPI document. */
export interface Meta {
  readonly version: string;
  readonly store: string;
  readonly trace_count: number;
  readonly pipelines: readonly string[];
  readonly runs_by_pipeline: Readonly<Record<string, number>>;
  readonly running: number;
  readonly filter_keys: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly live: boolean;
  readonly replay: { readonly app: string } | null;
  readonly problems: readonly string[];
  readonly now: string;
}

export interface StepPlace {
  readonly step_number: number;
  readonly node: string;
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
  readonly step_count: number;
  readonly headline: string;
  readonly cause: StepPlace | null;
  readonly symptom: StepPlace | null;
  readonly counts: Counts;
  readonly tokens: number | null;
  readonly graph_version: string | null;
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
  readonly running: readonly Row[];
  readonly looked_at: number;
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
  readonly node: string;
  readonly is_cause: boolean;
  readonly where: string;
  readonly example_id: string;
  readonly spark: readonly number[];
}

export interface Problems {
  readonly headline: string;
  readonly looked_at: number;
  readonly of_runs: number;
  readonly troubled: number;
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
  readonly looked_at: number;
  readonly of_runs: number;
  readonly buckets: readonly Bucket[];
}

export interface Rule {
  readonly code: string;
  readonly name: string;
  readonly layer: string;
  readonly summary: string;
  readonly findings: number;
  readonly runs: number;
  readonly severity: string | null;
  readonly precision: number | null;
  readonly enabled: boolean;
}

export interface Rules {
  readonly items: readonly Rule[];
}

export interface RuleManual {
  readonly rule: Rule;
  readonly sections: readonly { readonly title: string; readonly paragraphs: readonly string[] }[];
}

export interface Setting {
  readonly default: unknown;
  readonly environment: readonly string[];
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  readonly description: string;
}

export interface SettingsList {
  readonly file: string | null;
  readonly items: readonly Setting[];
}

/** A value at first sight: whole when it is small. */
export interface Shown {
  readonly text: string;
  readonly type: string;
  readonly size: string;
  readonly whole: boolean;
  readonly value: unknown;
  readonly redacted: boolean;
}

export interface FieldDifference {
  readonly mark: "+" | "-" | "~";
  readonly path: string;
  readonly a: Shown | null;
  readonly b: Shown | null;
}

export interface StepPair {
  readonly kind: "same" | "changed" | "missing" | "inserted" | "repeated";
  readonly node: string;
  readonly depth: number;
  readonly round: number;
  readonly branch: number;
  /** The step's number in A and in B. */
  readonly a: number | null;
  readonly b: number | null;
  readonly fields: readonly FieldDifference[];
  readonly fields_left_out: number;
  readonly outcomes: readonly [string, string] | null;
  readonly input_differs: boolean;
  readonly a_ms: number | null;
  readonly b_ms: number | null;
  readonly origin: "recorded" | "live" | "patched" | null;
}

export interface FindingRef {
  readonly id: string;
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly node: string;
}

export interface CommandRef {
  readonly name: string;
  readonly line: string;
}

export interface Comparison {
  readonly a: Row;
  readonly b: Row;
  readonly sentence: string;
  readonly notes: readonly string[];
  readonly steps: readonly StepPair[];
  readonly first_difference: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly input: readonly FieldDifference[];
  readonly output: readonly FieldDifference[];
  readonly gained: readonly FindingRef[];
  readonly lost: readonly FindingRef[];
  readonly commands: readonly CommandRef[];
}

export interface HistoryFinding {
  readonly layer: string;
  readonly code: string;
  readonly severity: string;
}

export interface HistoryPoint {
  readonly id: string;
  readonly short_id: string;
  readonly created_at: string;
  readonly status: string;
  readonly duration_ms: number;
  readonly output_characters: number | null;
  readonly tokens: number | null;
  readonly findings: readonly HistoryFinding[];
  readonly version: string | null;
  readonly headline: string;
}

export interface HistoryBand {
  readonly median_ms: number;
  readonly low_ms: number;
  readonly high_ms: number;
  readonly runs: number;
}

export interface VersionMark {
  readonly version: string | null;
  readonly first_at: string;
  readonly runs: number;
}

export interface History {
  readonly pipeline: string;
  readonly sentence: string;
  readonly points: readonly HistoryPoint[];
  readonly band: HistoryBand | null;
  readonly versions: readonly VersionMark[];
  readonly of_runs: number;
}

export interface ReplayStep {
  readonly step_number: number;
  readonly node: string;
  readonly outcome: string;
  readonly duration_ms: number;
}

export interface ReplayJob {
  readonly job: string;
  readonly trace_id: string;
  readonly status: "running" | "done" | "failed" | "cancelled";
  readonly from_step: number | null;
  readonly command: string;
  readonly steps: readonly ReplayStep[];
  readonly verdict: "resolved" | "not_resolved" | "different" | null;
  readonly new_trace_id: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
}
