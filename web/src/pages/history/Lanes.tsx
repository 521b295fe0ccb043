import { useRef, useState, type PointerEvent } from "react";
import type { History, HistoryPoint } from "../../api/types";
import { duration } from "../../format/duration";
import { full } from "../../format/moment";
import { visible } from "../../format/hostile";
import { useWidth } from "../../parts/useWidth";
import type { Brush } from "./HistoryPage";
import { decades, logScale, roundUp, scale, timeTicks } from "./scale";
import styles from "./Lanes.module.css";

const LAYERS = [
  ["STA", "statistical"],
  ["SEM", "semantic"],
  ["BEH", "behavioral"],
  ["STR", "structural"],
] as const;

const LEFT = 88;
const RIGHT = 16;
const TOP = 12;
const CHART = 132;
const LANE = 30;
const VERSION = 34;
const AXIS = 24;

interface Props {
  readonly history: History;
  readonly brush: Brush | null;
  readonly onBrush: (from: string | null, to: string | null) => void;
}

/** Durations against the usual band, findings by layer, and graph versions, all over one time axis. */
export function Lanes({ history, brush, onBrush }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const { points, band, versions } = history;
  const left = width < 560 ? 52 : LEFT;
  const others = [...new Set(points.flatMap((point) => point.findings.map((finding) => finding.layer)))].filter((layer) => !LAYERS.some(([, name]) => name === layer));
  const lanes = [...LAYERS, ...others.map((layer) => [layer.slice(0, 6), layer] as const)];
  const times = points.map((point) => Date.parse(point.created_at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(500, (last - first) * 0.02);
  const x = scale(first - margin, last + margin, left, Math.max(left + 10, width - RIGHT));
  const durations = points.map((point) => point.duration_ms);
  const most = Math.max(band?.high_ms ?? 0, ...durations);
  const least = Math.min(band?.low_ms ?? Infinity, ...durations);
  // One run of ten minutes among runs of ten milliseconds must not flatten all others.
  const wide = most / Math.max(least, 1e-3) > 12;
  const marksY = wide ? decades(least, most) : [0, roundUp(most) / 2, roundUp(most)];
  const y = wide ? logScale(marksY[0] ?? 1, marksY.at(-1) ?? 10, TOP + CHART, TOP) : scale(0, roundUp(most), TOP + CHART, TOP);
  const laneTop = TOP + CHART + 14;
  const versionTop = laneTop + lanes.length * LANE;
  const axisTop = versionTop + VERSION;
  const height = axisTop + AXIS;
  const marks = versions.filter((version) => version.version !== null);

  const timeAt = (event: PointerEvent): number => x.back(event.clientX - (box.current?.getBoundingClientRect().left ?? 0));
  const shown = drag === null ? brush : { from: Math.min(...drag), to: Math.max(...drag) };
  return (
    <div className={styles.box} ref={box}>
      <svg
        className={styles.svg}
        width={width}
        height={height}
        role="img"
        aria-label={`${points.length} runs over time: durations, findings by layer and graph versions. The list below tells the same.`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([timeAt(event), timeAt(event)]);
        }}
        onPointerMove={(event) => drag !== null && setDrag([drag[0], timeAt(event)])}
        onPointerUp={() => {
          if (drag !== null && shown !== null && x.at(shown.to) - x.at(shown.from) > 6) onBrush(new Date(shown.from).toISOString(), new Date(shown.to).toISOString());
          else onBrush(null, null);
          setDrag(null);
        }}
      >
        {band !== null && <rect className={styles.band} x={left} width={Math.max(0, width - RIGHT - left)} y={y.at(band.high_ms)} height={Math.max(1, y.at(band.low_ms) - y.at(band.high_ms))} />}
        {band !== null && <path className={styles.median} d={`M${left} ${y.at(band.median_ms)}H${width - RIGHT}`} />}
        {marksY.map((value) => (
          <g key={value}>
            <path className={styles.grid} d={`M${left} ${y.at(value)}H${width - RIGHT}`} />
            <text className={styles.text} x={left - 10} y={y.at(value) + 4} textAnchor="end">
              {duration(value)}
            </text>
          </g>
        ))}
        {marks.map((mark, index) => {
          const at = x.at(Date.parse(mark.first_at));
          const next = marks[index + 1];
          const room = (next === undefined ? width - RIGHT : x.at(Date.parse(next.first_at))) - at;
          return (
            <g key={mark.version}>
              <path className={styles.version} d={`M${at} ${TOP}V${versionTop + 22}`} />
              {room > 54 && (
                <text className={styles.mono} x={at + 5} y={versionTop + 20}>
                  {visible((mark.version ?? "").slice(0, 7))}
                </text>
              )}
            </g>
          );
        })}
        {lanes.map(([code, layer], index) => (
          <g key={layer}>
            <path className={styles.grid} d={`M${left} ${laneTop + index * LANE + LANE / 2}H${width - RIGHT}`} />
            <text className={styles.mono} x={left - 10} y={laneTop + index * LANE + LANE / 2 + 4} textAnchor="end">
              {visible(code)}
            </text>
          </g>
        ))}
        <text className={styles.text} x={left - 10} y={versionTop + 20} textAnchor="end">
          {width < 560 ? "graph" : "graph version"}
        </text>
        {timeTicks(first - margin, last + margin, Math.max(2, Math.floor((width - left) / 110))).map((tick) => (
          <text key={tick.at} className={styles.text} x={x.at(tick.at)} y={axisTop + 16} textAnchor="middle">
            {tick.label}
          </text>
        ))}
        <path className={styles.base} d={`M${left} ${axisTop}H${width - RIGHT}`} />
        {points.map((point) => (
          <Run key={point.id} point={point} x={x.at(Date.parse(point.created_at))} y={y.at(point.duration_ms)} high={band?.high_ms ?? Infinity} />
        ))}
        {points.flatMap((point) =>
          lanes.map(([, layer], index) => {
            const worst = worstOf(point, layer);
            return worst === null ? null : <Mark key={`${point.id} ${layer}`} severity={worst} x={x.at(Date.parse(point.created_at))} y={laneTop + index * LANE + LANE / 2} title={`${full(point.created_at)}: ${codesOf(point, layer)}`} />;
          }),
        )}
        {shown !== null && (
          <rect className={styles.brush} x={Math.max(left, x.at(shown.from))} width={Math.max(1, Math.min(width - RIGHT, x.at(shown.to)) - Math.max(left, x.at(shown.from)))} y={TOP - 6} height={axisTop - TOP + 6} rx="4" />
        )}
      </svg>
    </div>
  );
}

function Run({ point, x, y, high }: { readonly point: HistoryPoint; readonly x: number; readonly y: number; readonly high: number }) {
  const look = point.status === "incomplete" ? styles.open : point.duration_ms > high ? styles.slow : styles.dot;
  return (
    <circle className={look} cx={x} cy={y} r="3">
      <title>{`${full(point.created_at)}: ${duration(point.duration_ms)}, ${point.status}`}</title>
    </circle>
  );
}

/** The mark of a severity in its shape: octagon, triangle, circle. */
function Mark({ severity, x, y, title }: { readonly severity: string; readonly x: number; readonly y: number; readonly title: string }) {
  const shape =
    severity === "critical"
      ? `M${x - 2.3} ${y - 5.5}h4.6l3.2 3.2v4.6l-3.2 3.2h-4.6l-3.2-3.2v-4.6z`
      : severity === "warning"
        ? `M${x} ${y - 5.5}l5.8 10.5h-11.6z`
        : `M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z`;
  return (
    <path className={styles[severity] ?? styles.info} d={shape}>
      <title>{title}</title>
    </path>
  );
}

const RANK = ["info", "warning", "critical"];

function worstOf(point: HistoryPoint, layer: string): string | null {
  const found = point.findings.filter((finding) => finding.layer === layer).map((finding) => finding.severity);
  return found.sort((one, other) => RANK.indexOf(other) - RANK.indexOf(one))[0] ?? null;
}

function codesOf(point: HistoryPoint, layer: string): string {
  return [...new Set(point.findings.filter((finding) => finding.layer === layer).map((finding) => finding.code || layer))].join(", ");
}
