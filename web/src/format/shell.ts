/** Command lines that can be pasted into any POSIX shell, whatever stood in the recorded names. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
const ODD = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]/u;

/** One word, quoted when it needs it. */
export function quoted(word: string): string {
  if (word !== "" && PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A line of words; each is quoted by the one rule. */
export function commandLine(...words: readonly (string | number)[]): string {
  return words.map((word) => quoted(String(word))).join(" ");
}

/** Whether a name may stand in a copied command; else the step is named by its number. */
export function isPasteable(name: string): boolean {
  return !ODD.test(name);
}
