import { BASE } from "../api/client";

export interface LiveEvent {
  readonly kind: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

export type LiveState = "live" | "connecting" | "away";

const KINDS = ["run_started", "step_started", "step_finished", "run_finished", "store_changed"] as const;
const BATCH_MS = 250;
const PATIENCE_MS = 1500;
const LONGEST_WAIT_MS = 15_000;

interface Listener {
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  readonly onState: (state: LiveState, retryInMs: number | null) => void;
}

/**
 * Server events, at most four batches a second.
 *
 * The browser connects again by itself after a drop and then sends the id of the last event it saw; only when it gives up
 * is a new source opened here. A connection that stays away for longer than a moment is told.
 */
export function listen({ onEvents, onState }: Listener, path = "/events", kinds: readonly string[] = KINDS): () => void {
  let source: EventSource | null = null;
  let wait = 1000;
  let waiting: LiveEvent[] = [];
  let flush: Timer | null = null;
  let again: Timer | null = null;
  let missed: Timer | null = null;

  const deliver = (): void => {
    flush = null;
    const batch = waiting;
    waiting = [];
    onEvents(batch);
  };

  const take = (kind: string) => (event: MessageEvent<string>): void => {
    waiting.push({ kind, id: event.lastEventId, data: parsed(event.data) });
    flush ??= setTimeout(deliver, BATCH_MS);
  };

  const open = (): void => {
    again = null;
    source = new EventSource(`${BASE}${path}`);
    source.onopen = () => {
      wait = 1000;
      if (missed !== null) clearTimeout(missed);
      missed = null;
      onState("live", null);
    };
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) {
        onState("away", wait);
        again = setTimeout(open, wait);
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      } else missed ??= setTimeout(() => onState("away", null), PATIENCE_MS);
    };
    for (const kind of kinds) source.addEventListener(kind, take(kind) as EventListener);
  };

  onState("connecting", null);
  open();
  return () => {
    source?.close();
    for (const timer of [flush, again, missed]) if (timer !== null) clearTimeout(timer);
  };
}

type Timer = ReturnType<typeof setTimeout>;

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
