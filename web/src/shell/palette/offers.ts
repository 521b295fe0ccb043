import { useEffect, useRef } from "react";
import type { GlyphName } from "../../parts/Glyph";

/** Something that can be jumped to or done from the palette. */
export interface Offer {
  readonly id: string;
  readonly label: string;
  /** Said beside the label, quieter. */
  readonly note?: string | undefined;
  readonly glyph?: GlyphName | undefined;
  /** Its own key, shown so that it is learned. */
  readonly key?: string | undefined;
  readonly run: () => void;
}

export interface OfferGroup {
  readonly title: string;
  readonly offers: readonly Offer[];
}

const groups = new Map<symbol, () => OfferGroup>();

/** All that pages offer now, the newest first. */
export function offered(): readonly OfferGroup[] {
  return [...groups.values()].reverse().map((group) => group());
}

/** Offers of a page while it is shown: steps and actions of a run, say. */
export function useOffers(title: string, offers: readonly Offer[]): void {
  const latest = useRef({ title, offers });
  useEffect(() => {
    latest.current = { title, offers };
  });
  useEffect(() => {
    const key = Symbol(latest.current.title);
    groups.set(key, () => latest.current);
    return () => {
      groups.delete(key);
    };
  }, []);
}

export const OPEN_PALETTE = "argus:palette";

export function openPalette(): void {
  window.dispatchEvent(new Event(OPEN_PALETTE));
}
