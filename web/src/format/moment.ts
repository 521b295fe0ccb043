/** Points in time, in the reader's own zone. */
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const short = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function timeOfDay(iso: string): string {
  return clock.format(new Date(iso));
}

/** "14:02:11" today, "24 Nov 14:02" in this year, "24 Nov 2025" before. */
export function started(iso: string, now: Date = new Date()): string {
  const when = new Date(iso);
  if (when.toDateString() === now.toDateString()) return clock.format(when);
  if (when.getFullYear() === now.getFullYear()) return `${day.format(when)} ${short.format(when)}`;
  return dayOfYear.format(when);
}

/** "24 Nov 14:02:11". */
export function full(iso: string): string {
  const when = new Date(iso);
  return `${day.format(when)} ${clock.format(when)}`;
}

/** "14:02" today, "24 Nov 14:02" otherwise. */
export function since(iso: string, now: Date = new Date()): string {
  const when = new Date(iso);
  return when.toDateString() === now.toDateString() ? short.format(when) : `${day.format(when)} ${short.format(when)}`;
}

/** "4 min ago". */
export function ago(iso: string, now: Date = new Date()): string {
  const seconds = Math.max(0, (now.getTime() - new Date(iso).getTime()) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
