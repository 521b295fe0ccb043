import styles from "./charts.module.css";

export interface Bar {
  readonly value: number;
  /** The part that is drawn as trouble, at the foot. */
  readonly marked: number;
  readonly title: string;
}

const HEIGHT = 34;

/** Amounts over time; the marked part stands at the foot. */
export function Bars({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const most = Math.max(1e-9, ...bars.map((bar) => bar.value));
  const width = 300 / Math.max(1, bars.length);
  return (
    <svg className={styles.chart} viewBox={`0 0 300 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {bars.map((bar, index) => {
        const height = bar.value > 0 ? Math.max(1.5, (bar.value / most) * (HEIGHT - 2)) : 1;
        const foot = bar.value > 0 ? Math.min(height, Math.max(bar.marked > 0 ? 2 : 0, (bar.marked / bar.value) * height)) : 0;
        const x = index * width + 1;
        return (
          <g key={index}>
            <title>{bar.title}</title>
            <rect className={bar.value > 0 ? styles.bar : styles.none} x={x} y={HEIGHT - height} width={Math.max(1, width - 2)} height={height - foot} />
            {foot > 0 && <rect className={styles.marked} x={x} y={HEIGHT - foot} width={Math.max(1, width - 2)} height={foot} />}
          </g>
        );
      })}
    </svg>
  );
}
