import { counted } from "../../../format/count";
import { duration } from "../../../format/duration";
import { JsonTree } from "../../../values/JsonTree";
import type { Json } from "../../../values/kinds";
import type { StepPage } from "../api";
import styles from "./MetaTab.module.css";

/** What the recorder noted beside the state. */
export function MetaTab({ step }: { readonly step: StepPage }) {
  const facts: [string, string][] = [
    ["Outcome", step.outcome],
    ["Started", `${duration(step.start_ms)} after the run`],
    ["CPU time", step.cpu_ms === null ? "not known" : duration(step.cpu_ms)],
    ["Attempt", String(step.attempt)],
  ];
  if (step.tokens?.total_tokens != null) facts.push(["Tokens", counted(step.tokens.total_tokens, "token")]);
  if (step.after.length > 0) facts.push(["Then ran", step.after.slice(0, 8).join(", ") + (step.after.length > 8 ? ` and ${step.after.length - 8} more` : "")]);
  return (
    <>
      <dl className={`${styles.facts} num`}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {Object.keys(step.metadata).length > 0 && <JsonTree value={step.metadata as { [key: string]: Json }} root="" depth={2} />}
    </>
  );
}
