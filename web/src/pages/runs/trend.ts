import type { Bucket } from "../../api/types";

/** The middle of what is known; null when nothing is. */
export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null).sort((one, other) => one - other);
  if (known.length === 0) return null;
  const middle = Math.floor(known.length / 2);
  return known.length % 2 === 1 ? (known[middle] ?? null) : ((known[middle - 1] ?? 0) + (known[middle] ?? 0)) / 2;
}

/** The usual rate of findings: the median of all times but the last with runs. Null when there are fewer than three. */
export function usualRate(buckets: readonly Bucket[]): number | null {
  const earlier = buckets.filter((bucket) => bucket.runs > 0).slice(0, -1);
  return earlier.length < 3 ? null : median(earlier.map((bucket) => bucket.findings_per_100));
}
