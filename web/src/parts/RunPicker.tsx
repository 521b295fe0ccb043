import { useQuery } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { get } from "../api/client";
import { keys } from "../api/queries";
import type { Row, TracePage } from "../api/types";
import { word } from "../format/query";
import { started } from "../format/moment";
import { visible } from "../format/hostile";
import { StatusBadge } from "./Badge";
import { Sentence } from "./Sentence";
import styles from "./RunPicker.module.css";

interface Props {
  readonly label: string;
  /** Runs of this pipeline are offered first; any other can be searched for. */
  readonly pipeline?: string | undefined;
  readonly onChoose: (row: Row) => void;
}

/** A list of runs to choose one from. */
export function RunPicker({ label, pipeline, onChoose }: Props) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const q = typed.trim() || (pipeline === undefined ? "" : word("pipeline", pipeline));
  const { data } = useQuery({
    queryKey: [...keys.lists, "picker", q],
    queryFn: ({ signal }) => get<TracePage>("/traces", { q, limit: 30 }, signal),
    placeholderData: (before) => before,
    retry: false,
  });
  const rows = data?.items ?? [];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(rows.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter" && rows[at] !== undefined) onChoose(rows[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.box}>
      <input
        className={styles.input}
        aria-label={`${label}: filter`}
        placeholder="status:failed, an id, words"
        autoFocus
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" aria-label={label} className={styles.list}>
        {rows.map((row, index) => (
          <li key={row.id} role="option" aria-selected={index === at} className={index === at ? `${styles.item} ${styles.on}` : styles.item} onPointerMove={() => setAt(index)} onClick={() => onChoose(row)}>
            <span className={styles.status}>
              <StatusBadge status={row.status} />
            </span>
            <span className="ell grow">
              <Sentence>{row.headline || "No findings"}</Sentence>
            </span>
            <span className="t3 small num">{started(row.created_at)}</span>
            <code className="t3 small">{visible(row.short_id)}</code>
          </li>
        ))}
      </ul>
      {data !== undefined && rows.length === 0 && <p className={styles.none}>No runs match.</p>}
    </div>
  );
}
