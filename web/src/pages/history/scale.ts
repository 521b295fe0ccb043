/** A straight scale from values to pixels. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly back: (pixel: number) => number;
}

export function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return {
    at: (value) => start + ((value - from) / span) * (end - start),
    back: (pixel) => from + ((pixel - start) / (end - start || 1)) * span,
  };
}

/** A scale on which ten times as much is one step further: for durations that differ by orders of magnitude. */
export function logScale(from: number, to: number, start: number, end: number): Scale {
  const low = Math.log10(Math.max(from, 1e-6));
  const straight = scale(low, Math.log10(Math.max(to, 1e-6)), start, end);
  return {
    at: (value) => straight.at(Math.max(low, Math.log10(Math.max(value, 1e-6)))),
    back: (pixel) => 10 ** straight.back(pixel),
  };
}

/** Powers of ten from the one at or below `from` to the one at or above `to`. */
export function decades(from: number, to: number): readonly number[] {
  const low = Math.floor(Math.log10(Math.max(from, 1e-3)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(to, 1e-3))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200, 525_600].map((minutes) => minutes * MINUTE),
];

/** Round points in time within a span, at most `most`, with how they are written. */
export function timeTicks(from: number, to: number, most: number): readonly { readonly at: number; readonly label: string }[] {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? (to - from) / most;
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - offset) / step) * step + offset;
  const ticks: { at: number; label: string }[] = [];
  for (let at = first; at <= to && ticks.length <= most; at += step) ticks.push({ at, label: tickLabel(at, step) });
  return ticks;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const toTheSecond = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function tickLabel(at: number, step: number): string {
  const when = new Date(at);
  const midnight = when.getHours() === 0 && when.getMinutes() === 0;
  if (step < MINUTE) return toTheSecond.format(when);
  return step >= 1440 * MINUTE || midnight ? day.format(when) : clock.format(when);
}

/** A round value at or above `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((one) => one * power >= value) ?? 10) * power;
}
