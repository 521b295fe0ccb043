import type { ReactNode } from "react";
import styles from "./Tabs.module.css";

export interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly note?: ReactNode;
}

interface Props<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** The id of the element the tabs rule. */
  readonly controls?: string;
}

/** Tabs with arrow keys between them. */
export function Tabs<T extends string>({ label, tabs, value, onChange, controls }: Props<T>) {
  const move = (by: number): void => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) onChange(next.value);
  };
  return (
    <div
      className={styles.tabs}
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") move(1);
        else if (event.key === "ArrowLeft") move(-1);
        else return;
        event.preventDefault();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          aria-controls={tab.value === value ? controls : undefined}
          tabIndex={tab.value === value ? 0 : -1}
          className={tab.value === value ? styles.on : styles.off}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.note !== undefined && <span className={`${styles.note} num`}>{tab.note}</span>}
        </button>
      ))}
    </div>
  );
}
