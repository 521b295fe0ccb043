import { describe, expect, it } from "vitest";
import { messagesOf } from "./messages";

describe("messages", () => {
  it("reads LangChain messages", () => {
    const found = messagesOf([
      { type: "human", content: "hi" },
      { type: "ai", content: "", tool_calls: [{ name: "lookup", args: { id: 1 }, id: "c1" }], usage_metadata: { total_tokens: 96 } },
      { type: "tool", content: "shipped", tool_call_id: "c1", name: "lookup" },
    ])!;
    expect(found.map((one) => one.who)).toEqual(["user", "assistant", "tool"]);
    expect(found[1]!.calls).toEqual([{ id: "c1", name: "lookup", arguments: { id: 1 } }]);
    expect([found[1]!.tokens, found[2]!.answers]).toEqual([96, "c1"]);
  });

  it("reads chat-completion messages and pairs", () => {
    const found = messagesOf([
      { role: "developer", content: [{ type: "text", text: "a" }, { type: "image_url", image_url: {} }] },
      { role: "assistant", content: null, tool_calls: [{ id: "x", function: { name: "f", arguments: '{"a": 1}' } }] },
      ["user", "b"],
    ])!;
    expect(found[0]).toMatchObject({ who: "system", text: "a", others: ["image_url"] });
    expect(found[1]!.calls[0]!.arguments).toEqual({ a: 1 });
    expect(found[2]).toMatchObject({ who: "user", text: "b" });
  });

  it("takes nothing else for messages", () => {
    expect(messagesOf([{ id: "kb-1", text: "x" }])).toBeNull();
    expect(messagesOf([])).toBeNull();
    expect(messagesOf("hi")).toBeNull();
    expect(messagesOf([{ role: "user", content: "a" }, 3])).toBeNull();
  });
});
