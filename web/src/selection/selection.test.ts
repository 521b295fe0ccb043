import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./search";
import { changedSearch, readSelection } from "./selection";

test("addresses stay readable and come back the same", () => {
  const search = { q: 'since:24h status:failed,warning dur:>5s "a&b"', step: "2" };
  const text = stringifySearch(search);
  expect(text).toBe("?q=since:24h+status:failed,warning+dur:>5s+%22a%26b%22&step=2");
  expect(parseSearch(text)).toEqual(search);
  expect(stringifySearch({ q: "", step: undefined })).toBe("");
});

test("a selection is read from the address, and what is no step is none", () => {
  expect(readSelection("8f", { step: "2", field: "documents", tab: "change" })).toMatchObject({ run: "8f", step: 2, field: "documents", tab: "change", base: null });
  for (const step of ["0", "-1", "x", "1.5", ""]) expect(readSelection("8f", { step }).step).toBeNull();
});

test("another step drops the field, another run drops all but the pane", () => {
  const search = { step: "2", field: "documents", tab: "change", pane: "tree" };
  const before = readSelection("8f", search);
  expect(changedSearch(search, before, { step: 3 })).toEqual({ step: "3", tab: "change", pane: "tree" });
  expect(changedSearch(search, before, { step: 2, field: "docs" })).toEqual({ ...search, field: "docs" });
  expect(changedSearch(search, before, { field: null })).toEqual({ step: "2", tab: "change", pane: "tree" });
  expect(changedSearch(search, before, { run: "77", step: 5 })).toEqual({ pane: "tree", step: "5" });
});
