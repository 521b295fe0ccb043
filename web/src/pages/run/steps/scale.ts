/** The time axis: round ticks and places in percent. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** The unit of the labels: milliseconds below two seconds, then seconds, minutes, hours. */
  readonly unit: "ms" | "s" | "min" | "h";
}

const STEPS = [1, 2, 5];
const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

export function scale(from: number, to: number, wanted = 5): Scale {
  const end = to > from ? to : from + 1;
  const unit = unitFor(end - from);
  const size = UNITS[unit];
  const step = niceStep((end - from) / size / wanted) * size;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= end + step * 1e-9; tick += step) ticks.push(tick);
  return { from, to: end, ticks, unit };
}

function unitFor(span: number): Scale["unit"] {
  if (span < 2000) return "ms";
  if (span < 180_000) return "s";
  return span < 3 * 3_600_000 ? "min" : "h";
}

function niceStep(raw: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  for (const one of STEPS) if (one * magnitude >= raw) return one * magnitude;
  return 10 * magnitude;
}

export function place(scale: Scale, at: number): number {
  return clamp(((at - scale.from) / (scale.to - scale.from)) * 100);
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

export function tickLabel(scale: Scale, tick: number): string {
  const value = tick / UNITS[scale.unit];
  return `${Number(value.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 3 })} ${scale.unit}`;
}
