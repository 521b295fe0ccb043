import { BASE } from "../api/client";

export interface LiveEvent {
  readonly kind: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

export type LiveState = "live" | "connecting" | "away";

const KINDS = ["run_started", "step_started", "step_finished", "run_finished", "store_changed"] as const;
const LONGEST_WAIT = 15_000;

interface Listener {
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  readonly onState: (state: LiveState, retryInMs: number | null) => void;
}

/**
 * Server events, at most four batches a second, taken up again at the last event that was seen.
 *
 * The browser reconnects by itself after a drop and sends the last id; only when it gives up is a new source opened,
 * and the id then travels in the address.
 */
export function listen({ onEvents, onState }: Listener, path = "/events", kinds: readonly string[] = KINDS): () => void {
  let source: EventSource | null = null;
  let lastId = "";
  let wait = 1000;
  let waiting: LiveEvent[] = [];
  let flush: ReturnType<typeof setTimeout> | null = null;
  let again: ReturnType<typeof setTimeout> | null = null;

  const deliver = (): void => {
    flush = null;
    const batch = waiting;
    waiting = [];
    onEvents(batch);
  };

  const take = (kind: string) => (event: MessageEvent<string>): void => {
    if (event.lastEventId) lastId = event.lastEventId;
    waiting.push({ kind, id: event.lastEventId, data: parsed(event.data) });
    flush ??= setTimeout(deliver, 250);
  };

  const open = (): void => {
    again = null;
    onState("connecting", null);
    source = new EventSource(`${BASE}${path}${lastId ? `?last_event_id=${encodeURIComponent(lastId)}` : ""}`);
    source.onopen = () => {
      wait = 1000;
      onState("live", null);
    };
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) {
        onState("connecting", null);
        return;
      }
      onState("away", wait);
      again = setTimeout(open, wait);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    };
    for (const kind of kinds) source.addEventListener(kind, take(kind) as EventListener);
  };

  open();
  return () => {
    source?.close();
    if (flush !== null) clearTimeout(flush);
    if (again !== null) clearTimeout(again);
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
