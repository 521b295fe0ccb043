/** A chain of more than five links keeps its ends and its two strongest links; the rest are counted. */

export interface Shortened<T> {
  readonly link: T | null;
  /** Links left out here; 0 for a link that is shown. */
  readonly skipped: number;
  readonly index: number;
}

const WHOLE = 5;
const KEPT_INSIDE = 2;

/**
 * @param links From cause to symptom.
 * @param strength How much a link has to say; larger is kept first.
 */
export function shorten<T>(links: readonly T[], strength: (link: T) => number): Shortened<T>[] {
  if (links.length <= WHOLE) return links.map((link, index) => ({ link, skipped: 0, index }));
  const inside = links.map((_, index) => index).slice(1, -1);
  const kept = new Set(
    inside
      .sort((one, other) => strength(links[other]!) - strength(links[one]!) || one - other)
      .slice(0, KEPT_INSIDE),
  );
  kept.add(0).add(links.length - 1);
  const shown: Shortened<T>[] = [];
  for (let index = 0; index < links.length; index++) {
    if (kept.has(index)) {
      shown.push({ link: links[index]!, skipped: 0, index });
      continue;
    }
    const last = shown.at(-1);
    if (last && last.link === null) shown[shown.length - 1] = { ...last, skipped: last.skipped + 1 };
    else shown.push({ link: null, skipped: 1, index });
  }
  return shown;
}
