import { expect, it } from "vitest";
import type { LineagePoint } from "../api";
import { lifeOf } from "./life";

const point = (step_number: number, kind: LineagePoint["kind"] = "read"): LineagePoint => ({ step_number, node: `n${step_number}`, kind });

it("keeps a short life whole and lets a write stand for a read of the same step", () => {
  expect(lifeOf([point(1, "write"), point(2), point(2, "write")], 1, 5).map((one) => [one.step_number, one.kind])).toEqual([[1, "write"], [2, "write"]]);
});

it("keeps ends, what was expected and what is near, and counts the rest", () => {
  const points = Array.from({ length: 30 }, (_, index) => point(index + 1, index === 20 ? "expected" : "read"));
  const shown = lifeOf(points, 5, 5);
  expect(shown.filter((one) => one.skipped === 0).map((one) => one.step_number)).toEqual([1, 4, 5, 21, 30]);
  expect(shown.reduce((sum, one) => sum + Math.max(1, one.skipped), 0)).toBe(30);
});
