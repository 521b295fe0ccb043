import type { Rule } from "../../api/types";

const ORDER = ["statistical", "semantic", "behavioral", "structural"];

/** Rules by layer, in the one order of layers; others come after. */
export function byLayer(rules: readonly Rule[]): readonly (readonly [string, readonly Rule[]])[] {
  const layers = new Map<string, Rule[]>();
  for (const rule of rules) layers.set(rule.layer, [...(layers.get(rule.layer) ?? []), rule]);
  const place = (layer: string): number => (ORDER.includes(layer) ? ORDER.indexOf(layer) : ORDER.length);
  return [...layers].sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other));
}

/** "undeclared_key" as "Undeclared key". */
export function humanName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.995 || share === 0 ? 0 : 1)} %`;
}
