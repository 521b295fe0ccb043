import { describe, expect, test } from "vitest";
import { bytes, counted, rate, spelled } from "./count";
import { duration } from "./duration";
import { pieces, visible } from "./hostile";
import { ago, started } from "./moment";
import { having, joined, tokensOf, without, word } from "./query";
import { commandLine, isPasteable, quoted } from "./shell";

describe("durations", () => {
  test.each([
    [null, "–"],
    [0, "0 ms"],
    [0.04, "<0.1 ms"],
    [0.42, "0.4 ms"],
    [3, "3 ms"],
    [3.26, "3.3 ms"],
    [412, "412 ms"],
    [999.6, "1.00 s"],
    [4210, "4.21 s"],
    [9996, "10.0 s"],
    [22_140, "22.1 s"],
    [125_000, "2 min 05 s"],
    [3_599_600, "1 h 00 min"],
    [90_061_000, "1 d 01 h"],
    [-38, "−38 ms"],
  ])("%s ms is %s", (ms, told) => expect(duration(ms)).toBe(told));
});

test("numbers carry their unit", () => {
  expect(counted(1, "run")).toBe("1 run");
  expect(counted(1284, "run")).toBe("1,284 runs");
  expect([spelled(3), spelled(0), spelled(40)]).toEqual(["Three", "No", "40"]);
  expect([rate(4.24), rate(37.4), bytes(11_200), bytes(48_200_000)]).toEqual(["4.2", "37", "11 KB", "48 MB"]);
});

describe("hostile text", () => {
  test("plain text stays one piece, with line breaks, tabs and emoji", () => {
    expect(pieces("a\tb\n<script>😀")).toEqual([{ text: "a\tb\n<script>😀" }]);
  });
  test("what hides or turns text becomes a symbol with its name", () => {
    expect(pieces("in\u202env\u0000")).toEqual([
      { text: "in" },
      { text: "⟨U+202E⟩", hidden: "right-to-left override" },
      { text: "nv" },
      { text: "\u2400", hidden: "control character U+0000" },
    ]);
  });
  test("half a surrogate pair is told, a whole one is shown", () => {
    expect(visible("\ud800x😀\udc00")).toBe("⟨U+D800⟩x😀⟨U+DC00⟩");
  });
});

describe("commands", () => {
  test("plain words stay, others are quoted for a POSIX shell", () => {
    expect(commandLine("argus", "trace", "8f2c1a", "--step", 2)).toBe("argus trace 8f2c1a --step 2");
    expect(quoted("it's $(rm -rf ~)")).toBe(`'it'\\''s $(rm -rf ~)'`);
    expect(quoted("")).toBe("''");
    expect(quoted("a\nb")).toBe("'a\nb'");
  });
  test("names with hidden characters are not pasted", () => {
    expect(isPasteable("send")).toBe(true);
    expect(isPasteable("se\u202end")).toBe(false);
    expect(isPasteable("a\nb")).toBe(false);
    expect(isPasteable("\ud800")).toBe(false);
  });
});

describe("queries", () => {
  test("words, signs, alternatives, quotes", () => {
    expect(tokensOf('status:failed,warning -node:draft dur:>5s text:"a b" "no sources" word')).toEqual([
      { text: "status:failed,warning", key: "status", value: "failed,warning", negated: false },
      { text: "-node:draft", key: "node", value: "draft", negated: true },
      { text: "dur:>5s", key: "dur", value: ">5s", negated: false },
      { text: 'text:"a b"', key: "text", value: "a b", negated: false },
      { text: '"no sources"', key: null, value: "no sources", negated: false },
      { text: "word", key: null, value: "word", negated: false },
    ]);
  });
  test("a token joined again is the same query", () => {
    const query = 'since:24h -status:ok "x y" pipeline:"my app"';
    expect(joined(tokensOf(query))).toBe(query);
  });
  test("a key is replaced, and its negation stays", () => {
    expect(having("status:ok since:24h", "status", "failed")).toBe("since:24h status:failed");
    expect(without("-status:ok status:failed", "status")).toBe("-status:ok");
    expect(word("pipeline", 'a "b"')).toBe('pipeline:"a \\"b\\""');
  });
  test("an open quote does not swallow words before it", () => {
    expect(tokensOf('a "b c').map((token) => token.value)).toEqual(["a", "b c"]);
  });
});

test("points in time are near or dated", () => {
  const now = new Date(2025, 10, 24, 14, 6, 0);
  expect(started(new Date(2025, 10, 24, 14, 2, 11).toISOString(), now)).toBe("14:02:11");
  expect(started(new Date(2025, 10, 23, 9, 0, 0).toISOString(), now)).toBe("23 Nov 09:00");
  expect(started(new Date(2024, 10, 23).toISOString(), now)).toBe("23 Nov 2024");
  expect(ago(new Date(2025, 10, 24, 14, 2, 0).toISOString(), now)).toBe("4 min ago");
  expect(ago(new Date(2025, 10, 24, 14, 7, 0).toISOString(), now)).toBe("just now");
});
