import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { counted } from "../../../format/count";
import { duration } from "../../../format/duration";
import { visible } from "../../../format/hostile";
import { RoleGlyph } from "../../../parts/Badge";
import { Name, Text } from "../../../parts/Text";
import type { ErrorDetail, LlmView, Shown, Side, StepPage, ToolView } from "../api";
import { FieldValue } from "./FieldValue";
import styles from "./CallsTab.module.css";

/** Model calls and tools inside the step, with what went in and what came back. */
export function CallsTab({ runId, step }: { readonly runId: string; readonly step: StepPage }) {
  const many = step.llm_calls.length + step.tool_calls.length > 2;
  return (
    <div className={styles.list}>
      {step.llm_calls.map((call, index) => (
        <Llm key={`l${index}`} call={call} index={index} runId={runId} step={step.step_number} open={!many} />
      ))}
      {step.tool_calls.map((call, index) => (
        <Tool key={`t${index}`} call={call} index={index} runId={runId} step={step.step_number} open={!many} />
      ))}
    </div>
  );
}

interface Common {
  readonly index: number;
  readonly runId: string;
  readonly step: number;
  readonly open: boolean;
}

function Tool({ call, index, runId, step, open }: Common & { readonly call: ToolView }) {
  const parts = [
    { label: "Arguments", path: `${index}.arguments`, shown: call.arguments, messages: false },
    { label: "Result", path: `${index}.result`, shown: call.result, messages: false },
  ];
  return (
    <Call title={call.name} kind="tool" facts={[took(call.duration_ms)]} error={call.error} side="tools" parts={parts} runId={runId} step={step} startsOpen={open} />
  );
}

function Llm({ call, index, runId, step, open }: Common & { readonly call: LlmView }) {
  const { usage } = call;
  const tokens =
    usage === null
      ? ""
      : usage.input_tokens !== null && usage.output_tokens !== null
        ? `${counted(usage.input_tokens, "token")} in, ${usage.output_tokens} out`
        : usage.total_tokens !== null
          ? counted(usage.total_tokens, "token")
          : "";
  const stopped = call.finish_reason !== null && call.finish_reason !== "stop" ? `ended by ${visible(call.finish_reason)}` : "";
  const parts = [
    { label: "Messages", path: `${index}.messages`, shown: call.messages, messages: true },
    { label: "Response", path: `${index}.response`, shown: call.response, messages: false },
  ];
  return (
    <Call
      title={call.model ?? "model"}
      kind="model"
      facts={[took(call.duration_ms), tokens, stopped]}
      error={call.error}
      side="llm"
      parts={parts}
      runId={runId}
      step={step}
      startsOpen={open}
    />
  );
}

interface CallProps {
  readonly title: string;
  readonly kind: string;
  readonly facts: readonly string[];
  readonly error: ErrorDetail | null;
  readonly side: Side;
  readonly parts: readonly { readonly label: string; readonly path: string; readonly shown: Shown; readonly messages: boolean }[];
  readonly runId: string;
  readonly step: number;
  readonly startsOpen: boolean;
}

function Call({ title, kind, facts, error, side, parts, runId, step, startsOpen }: CallProps) {
  const [open, setOpen] = useState(startsOpen);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <section className={styles.call}>
      <button type="button" className={styles.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={13} strokeWidth={1.75} aria-hidden />
        <span className="t3">{kind}</span>
        <span className="ell">
          <Name className={styles.title}>{title}</Name>
        </span>
        <span className={`${styles.facts} num`}>{facts.filter((fact) => fact !== "").join(" · ")}</span>
      </button>
      {error !== null && (
        <p className={styles.error}>
          <RoleGlyph role="symptom" size={11} severity="warning" /> <Name>{`${error.type}: ${error.message.slice(0, 400)}`}</Name>
        </p>
      )}
      {open &&
        parts.map((part) => (
          <div key={part.label} className={styles.part}>
            <h4 className="label">{part.label}</h4>
            {part.shown.type === "null" ? (
              <p className="t3 small">not recorded</p>
            ) : part.shown.type === "text" && part.shown.whole ? (
              <p className={styles.text}>
                <Text>{String(part.shown.value)}</Text>
              </p>
            ) : (
              <FieldValue runId={runId} step={step} side={side} path={part.path} shown={part.shown} asMessages={part.messages} />
            )}
          </div>
        ))}
    </section>
  );
}

function took(ms: number | null): string {
  return ms === null ? "" : duration(ms);
}
