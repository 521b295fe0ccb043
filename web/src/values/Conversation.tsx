import { useState } from "react";
import { count, counted } from "../format/count";
import { duration } from "../format/duration";
import { Code } from "../parts/Badge";
import { Redacted } from "../parts/States";
import { Name, Text } from "../parts/Text";
import { cutOf, preview, redactionOf } from "./kinds";
import { JsonTree } from "./JsonTree";
import type { Message, MessageCall } from "./messages";
import styles from "./Conversation.module.css";

/** A place in a message that a finding speaks of. */
export interface Claim {
  readonly text: string;
  readonly code: string;
  readonly note: string;
}

interface Props {
  readonly messages: readonly Message[];
  /** Durations of calls by their id. */
  readonly durations?: ReadonlyMap<string, number>;
  readonly claims?: readonly Claim[];
}

const SHOWN = 30;
const LONG = 900;

/** Messages as a conversation: who said what, calls folded, doubted claims marked where they stand. */
export function Conversation({ messages, durations, claims = [] }: Props) {
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, messages.length - SHOWN);
  return (
    <div className={styles.list}>
      {hidden > 0 && (
        <button type="button" className={`link ${styles.more}`} onClick={() => setAll(true)}>
          Show {counted(hidden, "earlier message")}
        </button>
      )}
      {messages.slice(hidden).map((message, index) => (
        <Turn key={hidden + index} message={message} durations={durations} claims={claims} />
      ))}
    </div>
  );
}

function Turn({ message, durations, claims }: { readonly message: Message; readonly durations: ReadonlyMap<string, number> | undefined; readonly claims: readonly Claim[] }) {
  const [open, setOpen] = useState(false);
  const cut = cutOf(message.text);
  const text = cut ? message.text.slice(0, cut.kept) : message.text;
  const long = text.length > LONG && !open;
  const shown = long ? text.slice(0, LONG) : text;
  const claim = message.who === "assistant" ? claims.find((one) => text.includes(one.text)) : undefined;
  return (
    <article className={claim === undefined ? styles.turn : `${styles.turn} ${styles.doubted}`}>
      <header className={styles.who}>
        {message.who === "other" ? "message" : message.who}
        {message.name !== null && (
          <>
            {" "}
            <Name>{message.name}</Name>
          </>
        )}
        {message.tokens !== null && <span className={`${styles.fact} num`}>{counted(message.tokens, "token")}</span>}
        {claim !== undefined && <Code code={claim.code} />}
      </header>
      {text !== "" && (
        <p className={styles.words}>
          {redactionOf(text) === null ? <Marked text={shown} claim={claim} /> : <Redacted />}
          {long && "… "}
          {long && (
            <button type="button" className="link t2" onClick={() => setOpen(true)}>
              {count(text.length - LONG)} more characters
            </button>
          )}
          {cut !== null && !long && (
            <span className={styles.cut}>
              {" "}
              {count(cut.kept)} of {count(cut.length)} characters kept at capture
            </span>
          )}
        </p>
      )}
      {message.others.map((kind, index) => (
        <p key={index} className="t3 small">
          part of type <Name>{kind}</Name>, not shown
        </p>
      ))}
      {message.calls.map((call, index) => (
        <Call key={index} call={call} took={call.id === null ? undefined : durations?.get(call.id)} />
      ))}
    </article>
  );
}

function Marked({ text, claim }: { readonly text: string; readonly claim: Claim | undefined }) {
  const at = claim === undefined ? -1 : text.indexOf(claim.text);
  if (claim === undefined || at < 0) return <Text>{text}</Text>;
  return (
    <>
      <Text>{text.slice(0, at)}</Text>
      <mark className={styles.mark}>
        <Text>{claim.text}</Text>
      </mark>
      <Text>{text.slice(at + claim.text.length)}</Text>
      <span className={styles.cut}>
        {" "}
        <Text>{claim.note}</Text>
      </span>
    </>
  );
}

function Call({ call, took }: { readonly call: MessageCall; readonly took: number | undefined }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={styles.call}>
      <button type="button" className={styles.callHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        calls <Name>{call.name}</Name>
        {took !== undefined && <span className={`${styles.fact} num`}>{duration(took)}</span>}
        {!open && (
          <span className={`${styles.arguments} ell`}>
            <Name>{preview(call.arguments, 90)}</Name>
          </span>
        )}
      </button>
      {open && <JsonTree value={call.arguments} root="" depth={3} />}
    </div>
  );
}
