import { ChevronDown, ChevronRight } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { visible } from "../../../format/hostile";
import { Redacted } from "../../../parts/States";
import { Sentence } from "../../../parts/Sentence";
import { Name, Text } from "../../../parts/Text";
import { DiffView } from "../../../values/DiffView";
import { redactionOf } from "../../../values/kinds";
import { topLevel } from "../../../values/paths";
import { valueQuery, type Change, type Shown, type StepPage } from "../api";
import { FieldValue } from "./FieldValue";
import styles from "./ChangeTab.module.css";

interface Props {
  readonly runId: string;
  readonly step: StepPage;
  readonly field: string | null;
  readonly onField: (field: string | null) => void;
}

/** What the step changed, faults first; what stayed as it was is only counted. */
export function ChangeTab({ runId, step, field, onField }: Props) {
  const chosen = field === null ? null : topLevel(field);
  const known = step.changes.some((change) => change.path === chosen);
  const returned = new Set(step.output.map((one) => one.name));
  // The state afterwards is that of the whole superstep: what this step did not return, another one wrote.
  const foreign = (change: Change): boolean => step.beside > 0 && change.mark !== "!" && change.mark !== "∅" && !returned.has(change.path);
  const own = step.changes.filter((change) => !foreign(change));
  // A branch that was sent its own input has no state before to compare with.
  const others = step.metadata["kind"] === "push" ? [] : step.changes.filter(foreign);
  const draw = (change: Change): ReactNode => (
    <Row key={`${change.mark}${change.path}`} change={change} runId={runId} step={step.step_number} selected={change.path === chosen} onField={onField} />
  );
  return (
    <div className={styles.box}>
      {own.length === 0 && <p className={styles.none}>{step.running ? "Still running." : step.outcome === "error" ? "Nothing was written before it raised." : "No field changed."}</p>}
      {own.map(draw)}
      {others.length > 0 && <p className={styles.others}>Written meanwhile by {step.beside === 1 ? "the step" : "steps"} beside it</p>}
      {others.map(draw)}
      {chosen !== null && !known && <Unchanged field={chosen} step={step} />}
    </div>
  );
}

const MEANING = { "+": "added", "~": "changed", "-": "removed", "!": "dropped", "∅": "not written" } as const;

/** Whether the note only says how a list or object grew, which its sizes say already. */
function growth(before: Shown | null, after: Shown | null): boolean {
  return before !== null && after !== null && isHolder(before) && isHolder(after) && before.size !== after.size;
}

interface RowProps {
  readonly change: Change;
  readonly runId: string;
  readonly step: number;
  readonly selected: boolean;
  readonly onField: (field: string | null) => void;
}

function Row({ change, runId, step, selected, onField }: RowProps) {
  const [open, setOpen] = useState(false);
  const { mark, path, before, after, note } = change;
  const faulty = mark === "!" || mark === "∅";
  const holds = [before, after].some((one) => one !== null && (!one.whole || one.type === "list" || one.type === "dict" || one.text.length > 60));
  const Chevron = open ? ChevronDown : ChevronRight;
  const look = [styles.row, faulty && styles.faulty, selected && styles.on];
  return (
    <div className={look.filter(Boolean).join(" ")}>
      <button
        type="button"
        className={styles.head}
        aria-expanded={holds ? open : undefined}
        onClick={() => {
          if (holds) setOpen(!open);
          onField(path);
        }}
      >
        <span className={styles.mark} title={MEANING[mark]}>
          {mark === "-" ? "−" : mark}
        </span>
        <span className={`${styles.field} ell`} title={visible(path)}>
          <Name>{path}</Name>
          <span className="unseen">{MEANING[mark]}</span>
        </span>
        <span className={styles.value}>
          <Values change={change} />
          {note !== "" && !(mark === "~" && growth(before, after)) && (
            <span className={styles.note}>
              <Sentence>{faulty ? upper(note) : note}</Sentence>
            </span>
          )}
        </span>
        <span className={styles.chevron}>{holds && <Chevron size={13} strokeWidth={1.75} aria-hidden />}</span>
      </button>
      {open && (
        <div className={styles.body}>
          <Opened change={change} runId={runId} step={step} onField={onField} />
        </div>
      )}
    </div>
  );
}

/** Up to this many characters both values stand side by side; longer ones are told by what differs. */
const INLINE = 70;
const SHOWN = 4;

function isHolder({ type }: Shown): boolean {
  return type === "list" || type === "dict";
}

function Values({ change }: { readonly change: Change }) {
  const { mark, before, after } = change;
  if (mark === "~" && before !== null && after !== null) {
    const long = before.text.length + after.text.length > INLINE;
    if (long && before.whole && after.whole) return <DiffView before={before.value} after={after.value} limit={SHOWN} />;
    if (long && isHolder(before) && isHolder(after)) {
      return (
        <span className={styles.line}>
          <s>{before.size}</s> → {after.size}
        </span>
      );
    }
    return (
      <span className={styles.line}>
        <s>
          <Short shown={before} />
        </s>
        {" → "}
        <Short shown={after} />
      </span>
    );
  }
  const one = mark === "-" || mark === "∅" ? before : after;
  return (
    <span className={styles.line}>
      {mark === "∅" && <span className="t3">stays </span>}
      {one === null ? <span className="t3">{mark === "∅" ? "absent" : "nothing"}</span> : mark === "-" ? <s><Short shown={one} /></s> : <Short shown={one} />}
    </span>
  );
}

function Short({ shown }: { readonly shown: Shown }) {
  if (shown.redacted && shown.whole && redactionOf(shown.value) !== null) return <Redacted />;
  const text = shown.text.length > 160 ? `${shown.text.slice(0, 160)}…` : shown.text;
  return (
    <>
      <Text>{text}</Text>
      {!shown.whole && shown.size !== "" && !shown.text.includes(shown.size) && <span className="t3"> {shown.size}</span>}
    </>
  );
}

function Opened({ change, runId, step, onField }: Omit<RowProps, "selected">) {
  const { mark, path, before, after } = change;
  const told = before?.whole === true && after?.whole === true && before.text.length + after.text.length > INLINE;
  if (mark === "~" && before !== null && after !== null && !told) return <Diff runId={runId} step={step} path={path} before={before} after={after} />;
  const side = mark === "!" ? "output" : mark === "-" || mark === "∅" ? "input" : "state";
  const shown = mark === "-" || mark === "∅" ? before : after;
  return <FieldValue runId={runId} step={step} side={side} path={path} shown={shown ?? undefined} onPath={onField} />;
}

interface DiffProps {
  readonly runId: string;
  readonly step: number;
  readonly path: string;
  readonly before: Shown;
  readonly after: Shown;
}

function Diff({ runId, step, path, before, after }: DiffProps) {
  const old = useQuery({ ...valueQuery(runId, step, "input", path, false), enabled: !before.whole });
  const now = useQuery({ ...valueQuery(runId, step, "state", path, false), enabled: !after.whole });
  const one = before.whole ? before.value : old.data?.value;
  const other = after.whole ? after.value : now.data?.value;
  if (old.isError || now.isError) return <p className="t3 small">The values could not be read.</p>;
  if (one === undefined || other === undefined) return <p className="t3 small">Loading…</p>;
  const partial = old.data?.partial ?? now.data?.partial ?? null;
  return (
    <>
      <DiffView before={one} after={other} />
      {partial !== null && <p className="t3 small">Compared as far as previews reach. The whole values stand under Input and State.</p>}
    </>
  );
}

/** The selected field, when the step left it as it was. */
function Unchanged({ field, step }: { readonly field: string; readonly step: StepPage }) {
  const left = step.state.find((one) => one.name === field) ?? step.input.find((one) => one.name === field);
  return (
    <div className={`${styles.row} ${styles.same} ${styles.on}`}>
      <div className={styles.head}>
        <span className={styles.mark} title="unchanged">
          =
        </span>
        <span className={`${styles.field} ell`}>
          <Name>{field}</Name>
        </span>
        <span className={styles.value}>{left === undefined ? "not in the state here" : <Short shown={left.value} />}</span>
      </div>
    </div>
  );
}

function upper(note: string): string {
  return note.charAt(0).toUpperCase() + note.slice(1);
}
