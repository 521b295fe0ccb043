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

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200, 525_600].map((minutes) => minutes * MINUTE);

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
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function tickLabel(at: number, step: number): string {
  const when = new Date(at);
  const midnight = when.getHours() === 0 && when.getMinutes() === 0;
  return step >= 1440 * MINUTE || midnight ? day.format(when) : clock.format(when);
}

/** A round value at or above `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((one) => one * power >= value) ?? 10) * power;
}
