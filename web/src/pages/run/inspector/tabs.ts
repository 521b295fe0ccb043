/** The tabs that a step has; a tab with nothing behind it is not shown. */
import type { Tab } from "../../../parts/Tabs";
import type { StepPage } from "../api";

export type TabName = "change" | "input" | "output" | "state" | "messages" | "calls" | "error" | "meta";

export function tabsOf(step: StepPage): Tab<TabName>[] {
  const calls = step.tool_calls.length + step.llm_calls.length;
  const all: (Tab<TabName> & { readonly there: boolean })[] = [
    { value: "change", label: "Change", there: true },
    { value: "input", label: "Input", there: step.input.length > 0 },
    { value: "output", label: "Output", there: step.output.length > 0 },
    { value: "state", label: "State", there: step.state.length > 0 },
    { value: "messages", label: "Messages", there: step.messages.length > 0 },
    { value: "calls", label: "Calls", note: calls, there: calls > 0 },
    { value: "error", label: "Error", there: step.error !== null },
    { value: "meta", label: "Meta", there: true },
  ];
  return all.filter((tab) => tab.there).map(({ there: _, ...tab }) => tab);
}
