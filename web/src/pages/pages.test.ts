import { describe, expect, test } from "vitest";
import type { FindingRef, Row, StepPair } from "../api/types";
import { sentenceParts } from "../parts/Sentence";
import { stretches } from "../parts/charts/Band";
import { matchOf } from "../shell/palette/match";
import { countOrigins, linesOf, nodesOf, outcomeOf, pairKey, stretchName } from "./compare/alignment";
import { roundUp, scale, timeTicks } from "./history/scale";
import { readPatch, splitAt } from "./replay/patch";
import { bySection, shownValue } from "./settings/settings";

const pair = (kind: StepPair["kind"], a: number | null, b: number | null, node = "n"): StepPair => ({
  kind, node, depth: 0, round: 1, branch: 0, a, b, fields: [], fields_left_out: 0, outcomes: null, input_differs: false, a_ms: 1, b_ms: 1, origin: null,
});

describe("aligned steps", () => {
  const pairs = [pair("same", 1, 1), pair("changed", 2, 2), pair("same", 3, 3, "policy"), pair("same", 4, 4, "policy"), pair("inserted", null, 5)];
  test("identical stretches are folded and counted", () => {
    const lines = linesOf(pairs, new Set(), false);
    expect(lines.map((line) => line.kind)).toEqual(["fold", "pair", "fold", "pair"]);
    const second = lines[2];
    expect(second?.kind === "fold" && [stretchName(second.pairs), nodesOf(second.pairs)]).toEqual(["Steps 3 to 4", ["policy ×2"]]);
  });
  test("an opened stretch and all steps show every pair, with its place", () => {
    expect(linesOf(pairs, new Set([2]), false)).toHaveLength(5);
    expect(linesOf(pairs, new Set(), true).map((line) => line.kind === "pair" && line.index)).toEqual([0, 1, 2, 3, 4]);
  });
  test("a pair has one address in either run", () => {
    expect(pairs.map(pairKey)).toEqual(["1", "2", "3", "4", "b5"]);
  });
});

test("a replay says whether it helped; other pairs say nothing", () => {
  const row = (status: string, replay_of: string | null) => ({ id: "a1", status, replay_of }) as unknown as Row;
  const told = (b: Row, lost: number) => outcomeOf({ a: row("failed", null), b, lost: Array.from({ length: lost }, () => ({}) as FindingRef) });
  expect([told(row("ok", "a1"), 1), told(row("failed", "a1"), 0), told(row("failed", "a1"), 1), told(row("ok", null), 1)]).toEqual(["Resolved. ", "Not resolved. ", "Different. ", ""]);
  expect(countOrigins([{ ...pair("same", 1, 1), origin: "recorded" }, { ...pair("same", 2, 2), origin: "live" }])).toEqual(["1 live", "1 from the recording"]);
  expect(countOrigins([pair("same", 1, 1)])).toEqual([]);
});

describe("patches", () => {
  const known = [{ name: "total", type: "number", size: "" }, { name: "note", type: "null", size: "" }];
  test("nothing, nonsense and lists are told apart", () => {
    expect(readPatch("  ", known).kind).toBe("none");
    expect(readPatch("{}", known).kind).toBe("none");
    expect(readPatch('{"total": ', known)).toMatchObject({ kind: "wrong" });
    expect(readPatch("[1]", known)).toMatchObject({ kind: "wrong", message: "Write an object: fields and their new values." });
  });
  test("another type than before is said in words", () => {
    expect(readPatch('{"total": "12"}', known)).toMatchObject({ lines: [{ field: "total", fine: false, note: "it was a number; you wrote text" }] });
    expect(readPatch('{"total": 12, "note": [1], "more": true}', known)).toMatchObject({ lines: [{ fine: true }, { fine: true }, { fine: true, note: "new field, true or false" }] });
  });
  test("what ran beside the first live step comes from the recording", () => {
    expect(splitAt([1, 2, 3, 4], ["a", "b", "c", "d"], [1, 2, 2, 3], 2)).toEqual({ recorded: 2, live: 2, nodes: ["b", "d"] });
    expect(splitAt([1, 2, 3], ["a", "b", "b"], [null, null, null], 2)).toEqual({ recorded: 1, live: 2, nodes: ["b"] });
  });
});

describe("scales", () => {
  test("there and back", () => {
    const x = scale(0, 10, 100, 200);
    expect([x.at(5), x.back(150)]).toEqual([150, 5]);
    expect(scale(3, 3, 0, 10).at(3)).toBe(0);
  });
  test("ticks are round, within the span and few", () => {
    const from = new Date(2025, 10, 24, 9, 7).getTime();
    const ticks = timeTicks(from, from + 3 * 3_600_000, 8);
    expect(ticks.map((tick) => tick.label)).toEqual(["09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]);
    expect(timeTicks(from, from + 400 * 86_400_000, 6).length).toBeLessThanOrEqual(7);
  });
  test("the top of an axis is round", () => {
    expect([0, 3, 12, 4210].map(roundUp)).toEqual([1, 5, 20, 5000]);
  });
  test("a lonely value is drawn, a gap is left", () => {
    const lines = stretches([1, null, 2, 3], (value, index) => [index * 10, value]);
    expect(lines).toEqual([[[-3, 1], [3, 1]], [[20, 2], [30, 3]]]);
  });
});

test("names in a sentence are told from its words", () => {
  expect(sentenceParts("`send` raised `KeyError`.")).toEqual([
    { text: "send", name: true },
    { text: " raised ", name: false },
    { text: "KeyError", name: true },
    { text: ".", name: false },
  ]);
  expect(sentenceParts("later `rerank` and `re…")).toEqual([
    { text: "later ", name: false },
    { text: "rerank", name: true },
    { text: " and ", name: false },
    { text: "re…", name: true },
  ]);
  expect(sentenceParts("no names")).toEqual([{ text: "no names", name: false }]);
});

test("a match marks letters once", () => {
  expect(matchOf("retrieve, step 2", "retr")).toEqual([[0, 4]]);
  expect(matchOf("retrieve, step 2", "ret etr step")).toEqual([[0, 4], [10, 14]]);
  expect(matchOf("retrieve", "x")).toBeNull();
  expect(matchOf("retrieve", "")).toEqual([]);
});

test("settings stand by section, values as in the file", () => {
  const setting = (key: string) => ({ key, value: 1, default: 1, source: "default", environment: [], description: "" });
  expect(bySection([setting("storage.url"), setting("plain"), setting("storage.x")]).map(([name, list]) => [name, list.length])).toEqual([["storage", 2], ["general", 1]]);
  expect([null, "", [], ["a", "b"], { a: 1 }, true, "x"].map(shownValue)).toEqual(["none", '""', "[]", '[ "a", "b" ]', '{ "a": 1 }', "true", "x"]);
});
