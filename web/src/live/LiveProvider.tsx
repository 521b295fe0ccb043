import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { keys } from "../api/queries";
import { listen, type LiveEvent, type LiveState } from "./events";

interface Live {
  readonly state: LiveState;
  readonly retryInMs: number | null;
  /** Calls back with every batch of events until the returned function is called. */
  readonly subscribe: (listener: (events: readonly LiveEvent[]) => void) => () => void;
}

const Context = createContext<Live>({ state: "connecting", retryInMs: null, subscribe: () => () => undefined });

/** One stream of events for the whole page. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const listeners = useRef(new Set<(events: readonly LiveEvent[]) => void>());
  const wasAway = useRef(false);
  const [state, setState] = useState<{ state: LiveState; retryInMs: number | null }>({ state: "connecting", retryInMs: null });

  useEffect(() => {
    // A browser opens six connections to one server at most: tabs that nobody looks at must not hold one each.
    let stop: (() => void) | null = null;
    const start = (): void => {
      stop = listen({
        onState: (now, retryInMs) => {
          // What began between the loading of a list and the first event is told by neither.
          if (now === "live") void client.invalidateQueries(wasAway.current ? undefined : { queryKey: keys.lists });
          wasAway.current = now === "away" || (wasAway.current && now !== "live");
          setState({ state: now, retryInMs });
        },
        onEvents: (events) => {
          for (const listener of listeners.current) listener(events);
          if (events.some((event) => event.kind === "run_finished" || event.kind === "store_changed")) {
            void client.invalidateQueries({ queryKey: keys.meta });
          }
        },
      });
    };
    const follow = (): void => {
      if (document.visibilityState === "hidden") {
        stop?.();
        stop = null;
      } else if (stop === null) {
        start();
        void client.invalidateQueries();
      }
    };
    if (document.visibilityState !== "hidden") start();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      stop?.();
    };
  }, [client]);

  const value = useMemo<Live>(
    () => ({
      ...state,
      subscribe: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <Context value={value}>{children}</Context>;
}

export function useLive(): Live {
  return use(Context);
}

/** Calls `listener` with every batch of live events while the component is shown. */
export function useLiveEvents(listener: (events: readonly LiveEvent[]) => void): void {
  const { subscribe } = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => subscribe((events) => latest.current(events)), [subscribe]);
}
