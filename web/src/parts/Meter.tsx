import styles from "./Meter.module.css";

/** A figure from 0 to 1 as a short bar and a number. */
export function Meter({ value, what }: { readonly value: number; readonly what: string }) {
  const bounded = Math.min(1, Math.max(0, value));
  return (
    <span className={`${styles.meter} num`} title={`${what} ${bounded.toFixed(2)} of 1`}>
      <span className={styles.track} aria-hidden>
        <span className={styles.fill} style={{ width: `${bounded * 100}%` }} />
      </span>
      {bounded.toFixed(2)}
    </span>
  );
}
