import { describe, expect, it } from "vitest";
import { differences, textChange } from "./diff";

describe("differences", () => {
  it("names the smallest parts", () => {
    const { found } = differences({ a: 1, b: { c: [1, 2] }, d: 0 }, { a: 1, b: { c: [1, 3] }, e: true });
    expect(found).toEqual([
      { path: "b.c[1]", mark: "~", before: 2, after: 3 },
      { path: "d", mark: "-", before: 0, after: undefined },
      { path: "e", mark: "+", before: undefined, after: true },
    ]);
  });

  it("sees what was appended, put in front and taken out", () => {
    expect(differences([1, 2], [1, 2, 3]).found).toEqual([{ path: "[2]", mark: "+", before: undefined, after: 3 }]);
    expect(differences([1, 2], [0, 1, 2]).found).toEqual([{ path: "[0]", mark: "+", before: undefined, after: 0 }]);
    expect(differences([1, 2, 3], [1, 3]).found).toEqual([{ path: "[1]", mark: "-", before: 2, after: undefined }]);
  });

  it("takes nothing for the same that is not", () => {
    expect(differences([], {}).found).toHaveLength(1);
    expect(differences("1", 1).found).toHaveLength(1);
    expect(differences({ a: [{}] }, { a: [{}] }).found).toEqual([]);
  });

  it("says when there is more", () => {
    const many = Array.from({ length: 1000 }, (_, index) => index);
    expect(differences([], many, 10)).toMatchObject({ more: true });
  });
});

it("cuts texts at words", () => {
  const cut = textChange("refunds within 30 days of purchase", "refunds within 60 days of purchase");
  expect(cut).toEqual({ start: "refunds within ", before: "30", after: "60", end: " days of purchase" });
  expect(textChange("a", "a")).toMatchObject({ before: "", after: "" });
});
