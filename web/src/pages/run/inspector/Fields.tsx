import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { visible } from "../../../format/hostile";
import { Redacted } from "../../../parts/States";
import { Name, Text } from "../../../parts/Text";
import { describePlaceholder, kindOf, redactionOf, type Json } from "../../../values/kinds";
import { topLevel } from "../../../values/paths";
import type { Shown, Side, StateField } from "../api";
import { FieldValue } from "./FieldValue";
import styles from "./Fields.module.css";

interface Props {
  readonly runId: string;
  readonly step: number;
  readonly side: Side;
  readonly fields: readonly StateField[];
  readonly field: string | null;
  readonly empty: string;
  readonly onField: (field: string | null) => void;
}

/** The fields of a state, each opened on demand. */
export function Fields({ runId, step, side, fields, field, empty, onField }: Props) {
  if (fields.length === 0) return <p className="t2">{empty}</p>;
  const chosen = field === null ? null : topLevel(field);
  return (
    <ul className={styles.list}>
      {fields.map((one) => (
        <Field key={one.name} one={one} runId={runId} step={step} side={side} selected={one.name === chosen} lonely={fields.length === 1} onField={onField} />
      ))}
    </ul>
  );
}

interface FieldProps {
  readonly one: StateField;
  readonly runId: string;
  readonly step: number;
  readonly side: Side;
  readonly selected: boolean;
  readonly lonely: boolean;
  readonly onField: (field: string | null) => void;
}

function Field({ one, runId, step, side, selected, lonely, onField }: FieldProps) {
  const [open, setOpen] = useState<boolean | null>(null);
  const holds = opens(one.value);
  const shown = holds && (open ?? (selected || lonely));
  const Chevron = shown ? ChevronDown : ChevronRight;
  return (
    <li className={selected ? `${styles.field} ${styles.on}` : styles.field}>
      <button
        type="button"
        className={styles.head}
        aria-expanded={holds ? shown : undefined}
        onClick={() => {
          setOpen(holds ? !shown : null);
          onField(one.name);
        }}
      >
        <span className={styles.chevron}>{holds && <Chevron size={13} strokeWidth={1.75} aria-hidden />}</span>
        <span className={`${styles.name} ell`} title={visible(one.name)}>
          <Name>{one.name}</Name>
        </span>
        <ShownValue shown={one.value} />
        <span className={`${styles.size} num`}>{sizeNote(one.value)}</span>
      </button>
      {shown && (
        <div className={styles.body}>
          <FieldValue runId={runId} step={step} side={side} path={one.name} shown={one.value} onPath={onField} />
        </div>
      )}
    </li>
  );
}

function opens({ type, whole, value, text }: Shown): boolean {
  if (!whole) return true;
  if (type === "list" || type === "dict") return typeof value === "object" && value !== null && Object.keys(value).length > 0;
  return type === "text" && (text.length > 60 || (typeof value === "string" && value.includes("\n")));
}

function sizeNote({ type, size, redacted, whole, value }: Shown): string {
  if (redacted && whole && redactionOf(value) !== null) return "";
  return type === "list" || type === "dict" || (type === "text" && size !== "") ? size : "";
}

/** A value in one line. */
export function ShownValue({ shown }: { readonly shown: Shown }) {
  if (shown.redacted && shown.whole && redactionOf(shown.value) !== null) return <Redacted />;
  const placeholder = shown.whole && kindOf(shown.value) === "placeholder";
  return (
    <span className={`${styles.value} ell`}>
      <Text>{placeholder ? describePlaceholder(shown.value as { [key: string]: Json }) : shown.text}</Text>
    </span>
  );
}
