import styles from "./Ribbon.module.css";

export interface RibbonData {
  readonly ticks: readonly number[];
  readonly cause: number | null;
  readonly path: readonly number[];
  readonly symptom: number | null;
}

interface Props {
  readonly ribbon: RibbonData;
  /** How many steps the run has; ticks may be fewer when steps are binned. */
  readonly steps?: number | undefined;
  readonly open?: boolean;
  readonly symptomSeverity?: string;
}

const WIDTH = 168;
const HEIGHT = 22;
const MIDDLE = HEIGHT / 2;

/** A run in one line: a tick per step, its height the logarithm of its duration, the thread of the fault drawn through. */
export function Ribbon({ ribbon, steps, open = false, symptomSeverity = "critical" }: Props) {
  const { ticks, cause, symptom } = ribbon;
  const gap = (WIDTH - 14) / Math.max(ticks.length, 14);
  const x = (index: number): number => index * gap + gap / 2 + 4;
  const width = Math.min(3, gap * 0.62);
  const onPath = new Set(ribbon.path);
  const told = `${steps ?? ticks.length} steps${cause === null ? "" : `, cause at tick ${cause + 1}`}`;
  return (
    <svg className={styles.ribbon} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="xMinYMid meet" role="img" aria-label={told}>
      {cause !== null && symptom !== null && cause !== symptom && (
        <path className={styles.thread} d={`M${x(cause)} ${MIDDLE}H${x(symptom)}`} />
      )}
      {ticks.map((tick, index) => {
        if (index === cause || index === symptom) return null;
        const height = 3 + 13 * Math.min(1, Math.max(0, tick));
        const last = open && index === ticks.length - 1;
        return (
          <rect
            key={index}
            className={last ? styles.open : onPath.has(index) ? styles.on : styles.tick}
            x={x(index) - width / 2}
            y={MIDDLE - height / 2}
            width={width}
            height={height}
            rx={Math.min(1, width / 2)}
          />
        );
      })}
      {symptom !== null && symptom !== cause && (
        <path
          className={symptomSeverity === "critical" ? styles.symptom : styles.mild}
          d={`M${x(symptom) - 4} ${MIDDLE - 4}l8 8m0-8-8 8`}
        />
      )}
      {cause !== null && <path className={styles.cause} d={`M${x(cause)} ${MIDDLE - 6}l6 6-6 6-6-6z`} />}
    </svg>
  );
}
