import { useQueryClient } from "@tanstack/react-query";
import { useState, type RefObject } from "react";
import { keys } from "../../api/queries";
import type { Row } from "../../api/types";
import { useLiveEvents } from "../../live/LiveProvider";
import { takeEvent, type Running } from "./running";

interface Arrivals {
  readonly running: readonly Row[];
  /** Finished runs that are stored but not yet in the list. */
  readonly waiting: number;
  readonly show: () => void;
}

/**
 * Runs as they happen. Running ones stand above the list; a list under a pointer or focus never moves, so that what has
 * come waits behind a pill.
 */
export function useArrivals(known: readonly Row[], list: RefObject<HTMLElement | null>): Arrivals {
  const [running, setRunning] = useState<Running>(new Map());
  const [waiting, setWaiting] = useState(0);
  // What the server said was running when the list was loaded is where the events go on from.
  const [loaded, setLoaded] = useState(known);
  if (loaded !== known) {
    setLoaded(known);
    setRunning(new Map(known.map((row) => [row.id, row])));
  }

  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey: keys.lists });

  const show = (): void => {
    setWaiting(0);
    refresh();
    window.scrollTo({ top: 0 });
  };

  useLiveEvents((events) => {
    let next = running;
    for (const event of events) next = takeEvent(next, event);
    if (next !== running) setRunning(next);
    const stored = events.filter((event) => event.kind === "run_finished" || event.kind === "store_changed");
    if (stored.length === 0) return;
    if (isIdle(list.current)) {
      refresh();
      return;
    }
    setWaiting((before) => before + stored.filter((event) => event.kind === "store_changed").length);
  });
  return { running: [...running.values()], waiting, show };
}

/** Nobody looks at a particular row: the page is at its top, and neither pointer nor focus is in the list. */
function isIdle(list: HTMLElement | null): boolean {
  return list === null || (window.scrollY < 40 && !list.matches(":hover") && !list.contains(document.activeElement));
}
