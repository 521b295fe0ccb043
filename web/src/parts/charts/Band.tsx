import styles from "./charts.module.css";

interface Props {
  readonly middle: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly label: string;
}

type Point = readonly [x: number, y: number];

const HEIGHT = 34;
const WIDTH = 300;

/** A median with what lies below a high mark, over time. Times without runs are left open. */
export function Band({ middle, high, label }: Props) {
  const known = [...middle, ...high].filter((value): value is number => value !== null);
  const most = Math.max(1e-9, ...known);
  const place = (value: number, index: number): Point => [
    middle.length < 2 ? WIDTH / 2 : (index * WIDTH) / (middle.length - 1),
    HEIGHT - 1 - (value / most) * (HEIGHT - 4),
  ];
  return (
    <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {stretches(high, place).map((points) => (
        <path key={points[0]?.[0]} className={styles.area} d={`${line(points)}V${HEIGHT}H${points[0]?.[0] ?? 0}Z`} />
      ))}
      {stretches(middle, place).map((points) => (
        <path key={points[0]?.[0]} className={styles.line} d={line(points)} />
      ))}
    </svg>
  );
}

function line(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
}

/** Neighbouring known values as lines; a value on its own becomes a short dash. */
export function stretches(values: readonly (number | null)[], place: (value: number, index: number) => Point): readonly (readonly Point[])[] {
  const found: Point[][] = [];
  let open: Point[] | null = null;
  values.forEach((value, index) => {
    if (value === null) {
      open = null;
      return;
    }
    if (open === null) {
      open = [];
      found.push(open);
    }
    open.push(place(value, index));
  });
  return found.map((points) => (points.length > 1 ? points : points.flatMap(([x, y]): Point[] => [[x - 3, y], [x + 3, y]])));
}
