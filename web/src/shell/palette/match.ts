/** Where the typed letters stand in a label, or null when they do not. Whole words before scattered letters. */
export function matchOf(label: string, typed: string): readonly (readonly [number, number])[] | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const below = label.toLowerCase();
  const marks: [number, number][] = [];
  for (const word of words) {
    const at = below.indexOf(word);
    if (at < 0) return null;
    marks.push([at, at + word.length]);
  }
  return marks.sort(([one], [other]) => one - other).reduce<[number, number][]>((joined, mark) => {
    const last = joined.at(-1);
    if (last !== undefined && mark[0] <= last[1]) last[1] = Math.max(last[1], mark[1]);
    else joined.push([...mark]);
    return joined;
  }, []);
}
