import styles from "./charts.module.css";

/** How often over time, in a few pixels. Zero stays visible as a dash. */
export function Spark({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const most = Math.max(1, ...values);
  const step = 6;
  return (
    <svg className={styles.spark} width={values.length * step} height="18" role="img" aria-label={label}>
      {values.map((value, index) => {
        const height = value > 0 ? 4 + 14 * (value / most) : 2;
        return <rect key={index} className={value > 0 ? styles.hot : styles.tick} x={index * step} y={18 - height} width="4" height={height} rx="1" />;
      })}
    </svg>
  );
}
