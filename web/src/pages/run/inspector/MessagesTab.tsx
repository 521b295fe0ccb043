import { useMemo, useState } from "react";
import { Segmented } from "../../../parts/Segmented";
import type { StepPage } from "../api";
import { FieldValue } from "./FieldValue";

/** The conversations that the step holds, one at a time. */
export function MessagesTab({ runId, step }: { readonly runId: string; readonly step: StepPage }) {
  // What a step adds to a conversation is read best in the conversation that it adds to.
  const places = useMemo(() => {
    const kept = new Set(step.state.map((one) => one.name));
    return step.messages.map((one) => (one.side === "output" && kept.has(one.path) ? { ...one, side: "state" as const, count: null } : one));
  }, [step]);
  const [chosen, setChosen] = useState("0");
  const place = places[Number(chosen)] ?? places[0];
  const durations = useMemo(() => {
    const found = new Map<string, number>();
    for (const call of step.tool_calls) if (call.call_id !== null && call.duration_ms !== null) found.set(call.call_id, call.duration_ms);
    return found;
  }, [step]);
  const claims = useMemo(
    () =>
      step.findings.flatMap((finding) =>
        finding.evidence.flatMap(({ value }) =>
          value?.whole === true && typeof value.value === "string" && value.value.length > 2 && value.value.length < 300
            ? [{ text: value.value, code: finding.code, note: finding.name.toLowerCase() }]
            : [],
        ),
      ),
    [step],
  );
  if (place === undefined) return null;
  return (
    <>
      {places.length > 1 && (
        <Segmented
          label="Conversation"
          value={chosen}
          onChange={setChosen}
          choices={places.slice(0, 4).map((one, index) => ({ value: String(index), label: one.side === "llm" ? `model call ${parseInt(one.path, 10) + 1}` : one.count === null ? one.path.slice(0, 24) : `${one.path.slice(0, 24)} ${one.count}` }))}
        />
      )}
      <FieldValue key={`${step.step_number}${place.side}${place.path}`} runId={runId} step={step.step_number} side={place.side} path={place.path} asMessages durations={durations} claims={claims} />
    </>
  );
}
