/** Addresses: plain `key=value` pairs, readable and stable, so that a copied link opens the same picture. */
export type Search = Readonly<Record<string, string>>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") pairs.set(key, String(value));
  }
  // Colons, commas and angle brackets are harmless in a query and are what filters are made of.
  const text = pairs.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3E", ">").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}
