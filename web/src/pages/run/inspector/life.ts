/** The points of a field's life that find room: the first, the last, and those nearest to the step that is looked at. */
import type { LineagePoint } from "../api";

export interface LifePoint extends LineagePoint {
  /** Points left out in the place of this one; 0 for a point that is shown. */
  readonly skipped: number;
}

export function lifeOf(points: readonly LineagePoint[], step: number, room: number): LifePoint[] {
  const merged: LineagePoint[] = [];
  for (const point of points) {
    const last = merged[merged.length - 1];
    if (last?.step_number === point.step_number && last.kind !== "expected" && point.kind === "write") merged[merged.length - 1] = point;
    else if (last?.step_number !== point.step_number) merged.push(point);
  }
  if (merged.length <= room) return merged.map((point) => ({ ...point, skipped: 0 }));
  const distance = (point: LineagePoint): number => (point.kind === "expected" ? -1 : Math.abs(point.step_number - step));
  const inner = merged.map((_, index) => index).slice(1, -1);
  const kept = new Set(inner.sort((one, other) => distance(merged[one]!) - distance(merged[other]!) || one - other).slice(0, room - 2));
  kept.add(0).add(merged.length - 1);
  const shown: LifePoint[] = [];
  merged.forEach((point, index) => {
    if (kept.has(index)) {
      shown.push({ ...point, skipped: 0 });
      return;
    }
    const last = shown[shown.length - 1];
    if (last !== undefined && last.skipped > 0) shown[shown.length - 1] = { ...last, skipped: last.skipped + 1 };
    else shown.push({ ...point, skipped: 1 });
  });
  return shown;
}
