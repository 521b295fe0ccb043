/** Paths into a value, written the way the command line reads them: `orders[0].total`. */

const PLAIN = /^[A-Za-z_][\w-]*$/;

export function joinPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!PLAIN.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The first part of a path: the field of the state. */
export function topLevel(path: string): string {
  const end = path.search(/[.[]/);
  return end < 0 ? path : path.slice(0, end);
}
