import { Link } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useRef, useState } from "react";
import type { Row } from "../../api/types";
import { started } from "../../format/moment";
import { visible } from "../../format/hostile";
import { StatusBadge } from "../../parts/Badge";
import { Text } from "../../parts/Text";
import { useOutside } from "../../parts/useOutside";
import { RunPicker } from "../../parts/RunPicker";
import { Letter } from "./Letter";
import styles from "./ComparePage.module.css";

interface Props {
  readonly letter: "A" | "B";
  readonly id: string | undefined;
  /** What is known of the run; null while it loads. */
  readonly row: Row | null;
  readonly beside?: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** One of the two runs, and the way to another. */
export function Side({ letter, id, row, beside, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useOutside(box, open, () => setOpen(false));
  return (
    <div ref={box} className={styles.side}>
      <Letter letter={letter} />
      {id === undefined ? (
        <button type="button" className="grow t3" onClick={() => setOpen(true)}>
          Choose a run
        </button>
      ) : (
        <>
          <Link to="/runs/$runId" params={{ runId: id }} className="link mono">
            {visible(row?.short_id ?? id.slice(0, 6))}
          </Link>
          {row !== null && (
            <>
              <StatusBadge status={row.status} />
              <span className="t3 ell">
                <Text>{factsOf(row, beside)}</Text>
              </span>
            </>
          )}
          <span className="grow" />
        </>
      )}
      <button type="button" className="iconbtn" aria-label={`Choose run ${letter}`} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronDown size={15} strokeWidth={1.5} aria-hidden />
      </button>
      {open && (
        <RunPicker
          label={`Run ${letter}`}
          pipeline={row?.pipeline}
          onChoose={(chosen) => {
            setOpen(false);
            onChoose(chosen.id);
          }}
        />
      )}
    </div>
  );
}

/** Labels come from the data: a replay is called one because it is one. */
function factsOf(row: Row, beside: string | undefined): string {
  const replay = row.replay_of === null ? null : row.replay_of === beside ? "replay of A" : `replay of ${row.replay_of.slice(0, 6)}`;
  return [replay ?? row.pipeline, started(row.created_at), row.graph_version && `graph ${row.graph_version.slice(0, 7)}`].filter(Boolean).join(", ");
}
