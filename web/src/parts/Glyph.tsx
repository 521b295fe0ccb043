import type { ReactNode } from "react";
import styles from "./Glyph.module.css";

/** Our own marks for status, severity, role and layer. Shape carries the meaning; hue only repeats it. */
const SHAPES = {
  octagon: (
    <>
      <path className={styles.solid} d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2L1.5 10.8V5.2z" />
      <path className={styles.cut} d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" />
    </>
  ),
  triangle: <path d="M8 2.2 14.4 13.5H1.6zM8 6.6v3.2M8 11.7v.1" />,
  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.4v3.8M8 4.9v.1" />
    </>
  ),
  check: <path d="M3 8.6 6.4 12 13 4.6" />,
  dashed: <circle cx="8" cy="8" r="6" strokeDasharray="2.6 2.4" />,
  running: (
    <>
      <circle cx="8" cy="8" r="6" />
      <circle className={styles.solid} cx="8" cy="8" r="2.6" />
    </>
  ),
  cause: <path className={styles.solid} d="M8 .8 15.2 8 8 15.2.8 8z" />,
  path: <circle cx="8" cy="8" r="4.6" strokeWidth="2.4" />,
  symptom: <path d="M3 3l10 10M13 3 3 13" strokeWidth="3" />,
  statistical: <path d="M3 13V8.5M6.4 13V5M9.8 13V2.5M13.2 13v-3.5" strokeWidth="2" />,
  semantic: <path d="M2 6.2c2-2.6 4-2.6 6 0s4 2.6 6 0M2 11c2-2.6 4-2.6 6 0s4 2.6 6 0" />,
  behavioral: <path d="M12.9 6.2A5.2 5.2 0 1 0 13.2 9M13.4 2.6v3.8H9.6" />,
  structural: (
    <path d="M6 2.5C3.4 2.5 5 8 2.4 8 5 8 3.4 13.5 6 13.5M10 2.5C12.6 2.5 11 8 13.6 8 11 8 12.6 13.5 10 13.5" />
  ),
  custom: <path d="M8 2.5 13.5 8 8 13.5 2.5 8z" />,
} as const satisfies Record<string, ReactNode>;

export type GlyphName = keyof typeof SHAPES;

interface Props {
  readonly name: GlyphName;
  /** Read out and shown on hover; without it the mark is decoration beside a word. */
  readonly title?: string | undefined;
  readonly size?: number;
  readonly className?: string | undefined;
}

export function Glyph({ name, title, size = 14, className }: Props) {
  const told = title === undefined ? ({ "aria-hidden": true } as const) : ({ role: "img", "aria-label": title } as const);
  return (
    <svg className={`${styles.glyph} ${className ?? ""}`} viewBox="0 0 16 16" width={size} height={size} {...told}>
      {title !== undefined && <title>{title}</title>}
      {SHAPES[name]}
    </svg>
  );
}

/** The eye: our mark. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" aria-hidden>
      <path d="M1.8 12S5.6 5 12 5s10.2 7 10.2 7-3.8 7-10.2 7S1.8 12 1.8 12z" />
      <path d="M12 8.2 15.8 12 12 15.8 8.2 12z" fill="currentColor" stroke="none" />
    </svg>
  );
}
