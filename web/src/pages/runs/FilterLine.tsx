import { Search, X } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import type { TokenProblem } from "../../api/types";
import { joined, tokensOf, type Token } from "../../format/query";
import { useKeys } from "../../keyboard/useKeys";
import { Text } from "../../parts/Text";
import { doubtful, suggestions, type Vocabulary } from "./suggest";
import styles from "./FilterLine.module.css";

interface Props {
  readonly query: string;
  readonly problems: readonly TokenProblem[];
  readonly vocabulary: Vocabulary;
  readonly onChange: (query: string) => void;
}

/** The filter: finished words as chips, one word being typed, and what it may become. */
export function FilterLine({ query, problems, vocabulary, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  useKeys([{ keys: "/", what: "Filter", run: () => input.current?.focus() }]);

  const tokens = tokensOf(query);
  const offered = open ? suggestions(typed, vocabulary) : [];

  const commit = (text: string): void => {
    const words = text.trim();
    setTyped("");
    setAt(-1);
    if (words) onChange([query, words].filter(Boolean).join(" "));
  };
  const take = (text: string): void => {
    setAt(-1);
    if (text.endsWith(":")) {
      setTyped(text);
      input.current?.focus();
    } else commit(text);
  };
  const drop = (index: number): void => onChange(joined(tokens.filter((_, place) => place !== index)));

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const chosen = offered[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const length = offered.length;
      if (length > 0) setAt(event.key === "ArrowDown" ? (at + 1) % length : (at <= 0 ? length : at) - 1);
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (event.key === "Tab" && (typed === "" || offered.length === 0)) return;
      event.preventDefault();
      const best = chosen ?? (event.key === "Tab" ? offered[0] : undefined);
      if (best !== undefined) take(best.text);
      else commit(typed);
    } else if (event.key === " " && !/"[^"]*$/.test(typed)) {
      if (typed.trim() === "" || typed.endsWith(":")) return;
      event.preventDefault();
      commit(typed);
    } else if (event.key === "Backspace" && typed === "" && tokens.length > 0) {
      event.preventDefault();
      setTyped(tokens.at(-1)?.text ?? "");
      drop(tokens.length - 1);
    } else if (event.key === "Escape") {
      if (open && offered.length > 0) setOpen(false);
      else input.current?.blur();
      setAt(-1);
    }
  };

  return (
    <div className={styles.box} onClick={() => input.current?.focus()}>
      <Search size={14} strokeWidth={1.5} className={styles.glass} aria-hidden />
      {tokens.map((token, index) => (
        <Chip key={`${index} ${token.text}`} token={token} problem={problems.find((one) => one.token === token.text)?.hint ?? doubtful(token)} onDrop={() => drop(index)} />
      ))}
      <input
        ref={input}
        className={styles.input}
        type="text"
        role="combobox"
        aria-label="Filter runs"
        aria-expanded={offered.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={tokens.length === 0 ? 'status:failed node:retrieve code:STR402 dur:>5s "refund"' : ""}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
          setAt(-1);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          commit(typed.endsWith(":") ? "" : typed);
        }}
        onKeyDown={onKeyDown}
      />
      {query !== "" && (
        <button type="button" className={styles.clear} aria-label="Clear the filter" onClick={() => onChange("")}>
          <X size={14} strokeWidth={1.5} aria-hidden />
        </button>
      )}
      <kbd className={styles.key}>/</kbd>
      <ul id={list} role="listbox" aria-label="Suggestions" className={styles.list} hidden={offered.length === 0}>
        {offered.map((one, index) => (
          <li
            key={one.text}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            className={index === at ? `${styles.option} ${styles.chosen}` : styles.option}
            onMouseDown={(event) => {
              event.preventDefault();
              take(one.text);
            }}
          >
            <code>
              <Text>{one.text}</Text>
            </code>
            <span className="t3 small ell">{one.note}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Chip({ token, problem, onDrop }: { readonly token: Token; readonly problem: string | null; readonly onDrop: () => void }) {
  const split = token.key === null ? -1 : token.text.indexOf(":") + 1;
  return (
    <span className={problem === null ? styles.chip : `${styles.chip} ${styles.doubt}`} title={problem ?? undefined}>
      <span className={styles.word}>
        {split > 0 && <span className={styles.name}>{token.text.slice(0, split)}</span>}
        <Text>{split > 0 ? token.text.slice(split) : token.text}</Text>
      </span>
      {problem !== null && <span className="unseen">{problem}</span>}
      <button
        type="button"
        className={styles.drop}
        aria-label={`Remove ${token.text}`}
        onClick={(event) => {
          event.stopPropagation();
          onDrop();
        }}
      >
        <X size={11} strokeWidth={1.75} aria-hidden />
      </button>
    </span>
  );
}
