import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { duration } from "../../../format/duration";
import { visible } from "../../../format/hostile";
import { commandLine, isPasteable } from "../../../format/shell";
import { useKeys } from "../../../keyboard/useKeys";
import { RoleGlyph } from "../../../parts/Badge";
import { CommandLine, CopyButton, copyText } from "../../../parts/Copy";
import { Segmented } from "../../../parts/Segmented";
import { Failure, Waiting } from "../../../parts/States";
import { Tabs } from "../../../parts/Tabs";
import { Name } from "../../../parts/Text";
import { stepQuery, type RunDetail, type StepPage } from "../api";
import { CallsTab } from "./CallsTab";
import { ChangeTab } from "./ChangeTab";
import { ErrorTab } from "./ErrorTab";
import { FieldLife } from "./FieldLife";
import { Fields } from "./Fields";
import { FindingCard } from "./FindingCard";
import { HealthyDiff } from "./HealthyDiff";
import { MessagesTab } from "./MessagesTab";
import { MetaTab } from "./MetaTab";
import { Suggestions } from "./Suggestions";
import { tabsOf, type TabName } from "./tabs";
import styles from "./Inspector.module.css";

interface Props {
  readonly run: RunDetail;
  readonly step: number;
  readonly field: string | null;
  readonly tab: string | null;
  readonly mild: boolean;
  /** The run that the step is compared with; null for the state before. */
  readonly base: string | null;
  readonly onBase: (base: string | null) => void;
  readonly onStep: (step: number, field?: string | null) => void;
  readonly onField: (field: string | null) => void;
  readonly onTab: (tab: TabName) => void;
  readonly onMove: (by: number) => void;
  readonly onClose?: (() => void) | undefined;
}

/** One step: what it changed, got and gave, what was found in it. */
export function Inspector(props: Props) {
  const { run, step: number, field, onStep, onField, onTab, onMove, onClose } = props;
  const id = run.header.id;
  const { data, error, refetch, isPlaceholderData } = useQuery(stepQuery(id, number));
  const step = data !== undefined && data.step_number === number ? data : isPlaceholderData ? data : undefined;
  const tabs = useMemo(() => (step === undefined ? [] : tabsOf(step)), [step]);
  const tab = tabs.find((one) => one.value === props.tab)?.value ?? "change";
  const command = commandOf(run, number, field);
  useKeys([
    ...Array.from({ length: 8 }, (_, index) => ({
      keys: String(index + 1),
      what: index === 0 ? "Tabs of the step" : `Tab ${index + 1}`,
      run: () => {
        const wanted = tabs[index];
        if (wanted !== undefined) onTab(wanted.value);
      },
    })),
    { keys: "p", what: "Copy the path of the field", run: () => void (field !== null && copyText(field)) },
    { keys: "y", what: "Copy the command", run: () => void copyText(command) },
  ]);
  if (error !== null && step === undefined) {
    return (
      <aside className={styles.panel} aria-label={`Step ${number}`}>
        <Failure error={error} what={`Step ${number} could not be loaded.`} retry={() => void refetch()} command={command} />
      </aside>
    );
  }
  return (
    <aside className={styles.panel} aria-label={`Step ${number}`} aria-busy={isPlaceholderData}>
      <header className={styles.head}>
        <div className={styles.line}>
          {step?.role != null && <RoleGlyph role={step.role} size={14} severity={props.mild ? "warning" : "critical"} />}
          <h2 className={`${styles.name} ell`} title={step === undefined ? undefined : visible(step.node)}>
            {step === undefined ? "\u00a0" : <Name>{step.node}</Name>}
          </h2>
          <span className="t3 num">step {number}</span>
          <span className="grow" />
          <button type="button" className="iconbtn" aria-label="Step before" title="Step before (k)" onClick={() => onMove(-1)}>
            <ChevronLeft size={16} strokeWidth={1.5} aria-hidden />
          </button>
          <button type="button" className="iconbtn" aria-label="Next step" title="Next step (j)" onClick={() => onMove(1)}>
            <ChevronRight size={16} strokeWidth={1.5} aria-hidden />
          </button>
          {onClose !== undefined && (
            <button type="button" className="iconbtn" aria-label="Close the step" title="Close (Esc)" onClick={onClose}>
              <X size={16} strokeWidth={1.5} aria-hidden />
            </button>
          )}
        </div>
        {step !== undefined && <Facts step={step} onStep={onStep} />}
      </header>
      {step === undefined ? (
        <div className={styles.waiting}>
          <Waiting rows={6} height={30} what="Loading the step" />
        </div>
      ) : (
        <>
          <Tabs label="Parts of the step" tabs={tabs} value={tab} onChange={onTab} controls="step-body" />
          <div id="step-body" role="tabpanel" aria-label={tab} tabIndex={0} className={styles.body}>
            <Body {...props} step={step} tab={tab} id={id} onField={onField} />
          </div>
        </>
      )}
      <footer className={styles.foot}>
        <CommandLine command={command} />
      </footer>
    </aside>
  );
}

function Facts({ step, onStep }: { readonly step: StepPage; readonly onStep: (step: number) => void }) {
  const { source, before, beside } = step;
  return (
    <div className={`${styles.facts} num`}>
      <span>
        {step.duration_ms === null ? "running" : duration(step.duration_ms)}
        {step.usual_ms !== null && `, usually ${duration(step.usual_ms)}`}
      </span>
      {step.attempt > 1 && <span>attempt {step.attempt}</span>}
      {(before.length > 0 || beside > 0) && (
        <span className={styles.order}>
          {before.length > 0 && (
            <>
              after <Name>{before[0]!}</Name>
              {before.length > 1 && ` and ${before.length - 1} more`}
            </>
          )}
          {before.length > 0 && beside > 0 && ", "}
          {beside > 0 && `beside ${beside} ${beside === 1 ? "other" : "others"}`}
        </span>
      )}
      {step.parent !== null && (
        <button type="button" className="link" onClick={() => onStep(step.parent ?? 1)}>
          inside step {step.parent}
        </button>
      )}
      {source !== null && (
        <span className={styles.source}>
          <code className="ell" title={visible(placeOf(source))}>
            {visible(shortPlace(source))}
          </code>
          <CopyButton text={placeOf(source)} what="source place" />
        </span>
      )}
    </div>
  );
}

interface BodyProps extends Props {
  readonly id: string;
}

function Body({ run, step, id, field, base, tab, onStep, onField, onBase }: Omit<BodyProps, "step" | "tab"> & { readonly step: StepPage; readonly tab: TabName }): ReactNode {
  const number = step.step_number;
  switch (tab) {
    case "input":
      return <Fields runId={id} step={number} side="input" fields={step.input} field={field} empty="The step was given nothing." onField={onField} />;
    case "output":
      return <Fields runId={id} step={number} side="output" fields={step.output} field={field} empty="The step returned nothing." onField={onField} />;
    case "state":
      return <Fields runId={id} step={number} side="state" fields={step.state} field={field} empty="The state afterwards is not known." onField={onField} />;
    case "messages":
      return <MessagesTab runId={id} step={step} />;
    case "calls":
      return <CallsTab runId={id} step={step} />;
    case "error":
      return step.error === null ? null : <ErrorTab error={step.error} />;
    case "meta":
      return <MetaTab step={step} />;
    default:
      return <ChangePart run={run} step={step} id={id} field={field} base={base} onStep={onStep} onField={onField} onBase={onBase} />;
  }
}

function ChangePart({ run, step, id, field, base, onStep, onField, onBase }: Pick<BodyProps, "run" | "id" | "field" | "base" | "onStep" | "onField" | "onBase"> & { readonly step: StepPage }) {
  const link = run.chain.find((one) => one.step_number === step.step_number);
  const faulty = step.changes.find((change) => change.mark === "∅") ?? step.changes.find((change) => change.mark === "!");
  const life = field ?? (link === undefined ? null : link.field) ?? step.findings.find((one) => one.field !== null)?.field ?? faulty?.path ?? null;
  const isCause = step.role === "cause";
  const healthy = run.usual.last_good;
  const compared = healthy !== null && base === healthy.short_id;
  return (
    <>
      <div className={styles.over}>
        {healthy === null ? (
          <span className="label">Before → after</span>
        ) : (
          <Segmented
            label="Compared with"
            value={base === healthy.short_id ? "healthy" : "before"}
            onChange={(next) => onBase(next === "healthy" ? healthy.short_id : null)}
            choices={[
              { value: "before", label: "Before → after" },
              { value: "healthy", label: <>Healthy run <code>{healthy.short_id}</code></> },
            ]}
          />
        )}
        <span className="grow" />
        {!compared && step.unchanged > 0 && (
          <span className="t3 small num">
            {step.unchanged} {step.unchanged === 1 ? "field" : "fields"} unchanged
          </span>
        )}
      </div>
      {compared ? (
        <HealthyDiff base={healthy.short_id} run={run.header.short_id} step={step} />
      ) : (
        <ChangeTab runId={id} step={step} field={field} onField={onField} />
      )}
      {step.error !== null && <ErrorLine step={step} />}
      {step.findings.map((finding, index) => (
        <FindingCard
          key={finding.id || index}
          finding={finding}
          proof={isCause && index === 0 ? run.verdict.proof : null}
          onPlace={(place, at) => onStep(place, at)}
        />
      ))}
      {isCause && run.suggestions.length > 0 && <Suggestions suggestions={run.suggestions} />}
      {life !== null && (
        <FieldLife
          runId={id}
          field={life}
          step={step.step_number}
          cause={link === undefined ? null : (run.header.cause?.step_number ?? null)}
          symptom={run.header.symptom?.step_number ?? null}
          onStep={(place) => onStep(place, life)}
        />
      )}
    </>
  );
}

function ErrorLine({ step }: { readonly step: StepPage }) {
  const { error } = step;
  if (error === null) return null;
  return (
    <p className={styles.raised}>
      <RoleGlyph role="symptom" size={11} severity={error.handled ? "warning" : "critical"} /> raised{" "}
      <Name>{`${error.type.slice(error.type.lastIndexOf(".") + 1)}: ${error.message.slice(0, 300)}`}</Name>
      {error.file !== null && (
        <>
          {" "}
          at <code>{visible(shortPlace(error))}</code>
        </>
      )}
      {error.handled && ", handled"}
    </p>
  );
}

interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

function placeOf({ file, line }: Place): string {
  return line === null ? String(file) : `${file}:${line}`;
}

/** The last part of a path says where to look; the whole is copied. */
function shortPlace({ file, line }: Place): string {
  const name = String(file).split(/[\\/]/).pop() ?? "";
  return line === null ? name : `${name}:${line}`;
}

function commandOf(run: RunDetail, step: number, field: string | null): string {
  const words: (string | number)[] = ["argus", "trace", run.header.short_id, "--step", step];
  if (field !== null && isPasteable(field)) words.push("--field", field);
  else words.push("--diff");
  return commandLine(...words);
}
