/** Numbers with a unit beside them. */
const grouped = new Intl.NumberFormat("en-US");

export function count(value: number): string {
  return grouped.format(value);
}

/** "1 run", "2 runs", "1,284 runs". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];

/** A number at the start of a sentence: in words up to twelve. */
export function spelled(value: number): string {
  return WORDS[value] ?? count(value);
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  for (const [unit, size] of [["KB", 1e3], ["MB", 1e6], ["GB", 1e9]] as const) {
    const scaled = value / size;
    if (scaled < 999.5) return `${scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${unit}`;
  }
  return `${(value / 1e12).toFixed(1)} TB`;
}

/** A rate with as many digits as it carries: 0.9, 4.2, 37. */
export function rate(value: number): string {
  return value >= 9.95 ? count(Math.round(value)) : value.toFixed(1);
}
