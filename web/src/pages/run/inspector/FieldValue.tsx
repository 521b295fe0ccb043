import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../../api/client";
import { bytes, count } from "../../../format/count";
import { useLate } from "../../../parts/States";
import { Conversation, type Claim } from "../../../values/Conversation";
import { JsonTree } from "../../../values/JsonTree";
import type { Json } from "../../../values/kinds";
import { messagesOf } from "../../../values/messages";
import { valueQuery, type Shown, type Side } from "../api";
import styles from "./FieldValue.module.css";

interface Props {
  readonly runId: string;
  readonly step: number;
  readonly side: Side;
  readonly path: string;
  /** What is known already; a small value needs no question. */
  readonly shown?: Shown | undefined;
  readonly onPath?: ((path: string) => void) | undefined;
  readonly asMessages?: boolean;
  readonly durations?: ReadonlyMap<string, number>;
  readonly claims?: readonly Claim[];
}

const SEARCH_FROM = 2000;
/** A value of more than this is loaded as a whole only when it is asked for. */
const ASKED_ABOVE = 1_000_000;

/** A value, loaded when it is looked at. */
export function FieldValue({ shown, ...rest }: Props) {
  if (shown?.whole) return <Drawn value={shown.value} large={false} {...rest} />;
  return <Loaded {...rest} />;
}

function Loaded({ runId, step, side, path, ...rest }: Omit<Props, "shown">) {
  const [full, setFull] = useState(false);
  const first = useQuery(valueQuery(runId, step, side, path, false));
  const whole = useQuery({ ...valueQuery(runId, step, side, path, true), enabled: full });
  const late = useLate(150);
  const failed = whole.error ?? first.error;
  if (failed !== null) {
    return (
      <p className={styles.note} role="alert">
        {failed instanceof ApiError ? failed.detail || failed.title : "The value could not be read."}
      </p>
    );
  }
  if (first.data === undefined) return <p className={styles.note}>{late ? "Loading…" : "\u00a0"}</p>;
  const answer = whole.data ?? first.data;
  const { partial } = answer;
  return (
    <>
      <Drawn value={answer.value} large={answer.characters > SEARCH_FROM} path={path} runId={runId} step={step} side={side} {...rest} />
      {partial !== null && (
        <div className={styles.partial}>
          <span className="num">
            {count(partial.kept)} of {count(partial.total)} characters of JSON shown.
          </span>
          <button type="button" className="btn" disabled={full && whole.isPending} onClick={() => setFull(true)}>
            {full && whole.isPending ? "Loading…" : partial.total > ASKED_ABOVE ? `Load all ${bytes(partial.total)}` : "Load all"}
          </button>
        </div>
      )}
    </>
  );
}

function Drawn({ value, path, large, onPath, asMessages, durations, claims }: Omit<Props, "shown"> & { readonly value: Json; readonly large: boolean }) {
  const messages = asMessages ? messagesOf(value) : null;
  if (messages !== null) return <Conversation messages={messages} {...(durations ? { durations } : {})} {...(claims ? { claims } : {})} />;
  return <JsonTree value={value} root={path} depth={2} bare searchable={large} {...(onPath ? { onPath } : {})} />;
}
