import { Star, X } from "lucide-react";
import { useRef, useState } from "react";
import { tokensOf } from "../../format/query";
import { Text } from "../../parts/Text";
import { useOutside } from "../../parts/useOutside";
import { savedViews, saveView, forgetView } from "./savedViews";
import styles from "./Views.module.css";

const GIVEN = [
  { name: "Last 24 hours", query: "since:24h" },
  { name: "Failed this week", query: "status:failed since:7d" },
  { name: "Cut off", query: "status:incomplete" },
  { name: "Slow", query: "dur:>10s" },
] as const;

interface Props {
  readonly query: string;
  readonly onChange: (query: string) => void;
}

/** Filters worth coming back to; one's own stay in this browser. */
export function Views({ query, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [saved, setSaved] = useState(savedViews);
  const box = useRef<HTMLDivElement>(null);
  useOutside(box, open, () => setOpen(false));
  const choose = (chosen: string): void => {
    setOpen(false);
    onChange(chosen);
  };
  const isKnown = query === "" || saved.includes(query) || GIVEN.some((view) => view.query === query);
  return (
    <div ref={box} className={styles.box}>
      <button type="button" className="btn" aria-expanded={open} aria-haspopup="true" onClick={() => setOpen(!open)}>
        <Star size={14} strokeWidth={1.5} aria-hidden />
        Views
      </button>
      {open && (
        <div className={styles.menu}>
          {GIVEN.map((view) => (
            <button key={view.query} type="button" className={styles.item} onClick={() => choose(view.query)}>
              {view.name}
              <code className="t3 small">{view.query}</code>
            </button>
          ))}
          {saved.length > 0 && <div className={`label ${styles.label}`}>Saved in this browser</div>}
          {saved.map((view) => (
            <div key={view} className={styles.own}>
              <button type="button" className={styles.item} onClick={() => choose(view)}>
                <code className="ell">
                  <Text>{view}</Text>
                </code>
              </button>
              <button type="button" className="iconbtn" aria-label={`Forget ${view}`} onClick={() => setSaved(forgetView(view))}>
                <X size={13} strokeWidth={1.5} aria-hidden />
              </button>
            </div>
          ))}
          {!isKnown && (
            <button type="button" className={`${styles.item} ${styles.save}`} onClick={() => setSaved(saveView(query))}>
              Save this filter
              <span className="t3 small num">{tokensOf(query).length} words</span>
            </button>
          )}
        </div>
      )}
    </div>
  );
}
