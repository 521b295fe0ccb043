import { Check, X } from "lucide-react";
import { Name, Text } from "../../parts/Text";
import type { StateField } from "../run/api";
import type { Patch } from "./patch";
import styles from "./ReplayPage.module.css";

interface Props {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly patch: Patch;
  readonly fields: readonly StateField[];
}

/** The change as JSON by field, checked as it is typed; a field that is clicked is put into it. */
export function PatchEditor({ text, onChange, patch, fields }: Props) {
  const lines = Math.max(5, text.split("\n").length);
  return (
    <div>
      <div className={styles.code}>
        <ol className={styles.gutter} aria-hidden>
          {Array.from({ length: lines }, (_, index) => (
            <li key={index} className={patch.kind === "wrong" && patch.line === index + 1 ? styles.bad : undefined}>
              {index + 1}
            </li>
          ))}
        </ol>
        <textarea
          className={styles.text}
          aria-label="New values by field, as JSON"
          aria-invalid={patch.kind === "wrong"}
          spellCheck={false}
          rows={lines}
          placeholder={'{\n  "field": "new value"\n}'}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <div className={styles.check} role="status">
        {patch.kind === "none" && <span className="t3">No change.</span>}
        {patch.kind === "wrong" && <span className="crit">{patch.message}</span>}
        {patch.kind === "patch" &&
          patch.lines.map((line) => (
            <span key={line.field} className={line.fine ? styles.fine : styles.doubt}>
              {line.fine ? <Check size={13} strokeWidth={1.75} aria-label="fine" /> : <X size={13} strokeWidth={1.75} aria-label="doubtful" />}
              <Name>{line.field}</Name>
              <span className="t2">
                <Text>{line.note}</Text>
              </span>
            </span>
          ))}
      </div>
      <ul className={styles.fields} aria-label="Fields before this step">
        {fields.map((field) => (
          <li key={field.name}>
            <button type="button" className={styles.field} onClick={() => onChange(withField(text, field))} title="Put this field into the change">
              <Name>{field.name}</Name>
              <span className="t3 ell mono">
                <Text>{field.value.text}</Text>
              </span>
              <span className="t3 small">{field.value.type === "number" || field.value.type === "bool" ? field.value.type : [field.value.type, field.value.size].filter(Boolean).join(", ")}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The change with this field in it, at its recorded value where that is small. */
function withField(text: string, field: StateField): string {
  let before: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text || "{}");
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) before = parsed as Record<string, unknown>;
  } catch {
    return text;
  }
  return JSON.stringify({ ...before, [field.name]: field.value.whole ? field.value.value : null }, null, 2);
}
