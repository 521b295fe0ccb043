/** The names that pages use for what the server answers; the shapes are written from its OpenAPI document. */
import type * as schema from "./schema";

export type Meta = schema.Meta;
export type Row = schema.RunRow;
export type StepPlace = schema.StepName;
export type Counts = schema.FindingCounts;
export type RibbonShape = schema.Ribbon;
export type TokenProblem = schema.TokenProblem;
export type QueryReport = schema.QueryReport;
export type TracePage = schema.RunList;
export type Problem = schema.ProblemGroup;
export type Problems = schema.ProblemList;
export type Bucket = schema.TrendBucket;
export type Trend = schema.TrendPage;
export type Rule = schema.Rule;
export type RuleManual = schema.RulePage;
export type Setting = schema.Setting;
export type SettingsList = schema.SettingList;
export type Shown = schema.Shown;
export type FieldDifference = schema.FieldDiff;
export type StepPair = schema.ComparedStep;
export type FindingRef = schema.Finding;
export type Comparison = schema.ComparisonPage;
export type History = schema.PipelineHistory;
export type HistoryPoint = schema.HistoryPoint;
export type ReplayStep = schema.ReplayStep;
export type ReplayJob = schema.Replay;

/** The rules as a list with a name, like every other list. */
export interface Rules {
  readonly items: readonly Rule[];
}
