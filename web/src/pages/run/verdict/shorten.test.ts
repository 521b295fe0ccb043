import { expect, it } from "vitest";
import { shorten } from "./shorten";

it("leaves up to five links alone", () => {
  expect(shorten([1, 2, 3, 4, 5], Number).map((one) => one.link)).toEqual([1, 2, 3, 4, 5]);
});

it("keeps ends and the two strongest and counts the others", () => {
  const shown = shorten([0, 9, 1, 1, 8, 1, 0], Number);
  expect(shown.map((one) => one.link ?? `+${one.skipped}`)).toEqual([0, 9, "+2", 8, "+1", 0]);
  const hidden = shown.reduce((sum, one) => sum + one.skipped, 0);
  expect(hidden + shown.filter((one) => one.link !== null).length).toBe(7);
});
