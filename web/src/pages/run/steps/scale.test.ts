import { expect, it } from "vitest";
import { place, scale, tickLabel } from "./scale";

it("has round ticks with their unit", () => {
  const four = scale(0, 4214);
  expect(four.ticks.map((tick) => tickLabel(four, tick))).toEqual(["0 s", "1 s", "2 s", "3 s", "4 s"]);
  const short = scale(0, 8);
  expect(tickLabel(short, short.ticks[1]!)).toBe("2 ms");
  const long = scale(0, 47 * 60_000);
  expect(tickLabel(long, long.ticks[1]!)).toBe("10 min");
});

it("places within the axis whatever the time", () => {
  const four = scale(0, 4000);
  expect([place(four, 1000), place(four, -5), place(four, 9e9)]).toEqual([25, 0, 100]);
  expect(scale(5, 5).ticks.length).toBeGreaterThan(0);
});
