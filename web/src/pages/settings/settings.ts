import type { Setting } from "../../api/types";

/** Settings by the first word of their key, in the order given. */
export function bySection(settings: readonly Setting[]): readonly (readonly [string, readonly Setting[]])[] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const at = setting.key.indexOf(".");
    const name = at < 0 ? "general" : setting.key.slice(0, at);
    sections.set(name, [...(sections.get(name) ?? []), setting]);
  }
  return [...sections];
}

export function isDefault(setting: Setting): boolean {
  return setting.source === "default";
}

/** A value as it would stand in the file. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "string") return value === "" ? '""' : value;
  if (Array.isArray(value) && value.length === 0) return "[]";
  return JSON.stringify(value, null, typeof value === "object" ? 1 : 0).replaceAll(/\n\s*/g, " ");
}
