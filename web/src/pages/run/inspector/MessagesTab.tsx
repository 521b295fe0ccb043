import { useMemo, useState } from "react";
import { Segmented } from "../../../parts/Segmented";
import type { StepPage } from "../api";
import { FieldValue } from "./FieldValue";

/** The conversations that the step holds, one at a time. */
export function MessagesTab({ runId, step }: { readonly runId: string; readonly step: StepPage }) {
  const places = step.messages;
  const [chosen, setChosen] = useState("0");
  const place = places[Number(chosen)] ?? places[0];
  const durations = useMemo(() => {
    const found = new Map<string, number>();
    for (const call of step.tool_calls) if (call.call_id !== null && call.duration_ms !== null) found.set(call.call_id, call.duration_ms);
    return found;
  }, [step]);
  if (place === undefined) return null;
  return (
    <>
      {places.length > 1 && (
        <Segmented
          label="Conversation"
          value={chosen}
          onChange={setChosen}
          choices={places.slice(0, 4).map((one, index) => ({ value: String(index), label: one.side === "llm" ? `model call ${parseInt(one.path, 10) + 1}` : `${one.path.slice(0, 24)} ${one.count}` }))}
        />
      )}
      <FieldValue key={`${step.step_number}${place.side}${place.path}`} runId={runId} step={step.step_number} side={place.side} path={place.path} asMessages durations={durations} />
    </>
  );
}
