/** What a run's page will ask for, asked while its code is still on the way. */
import { get, pathOf } from "../../api/client";

const FRESH = 5000;

interface Begun {
  readonly at: number;
  readonly answers: Map<string, Promise<unknown>>;
}

const begun = new Map<string, Begun>();

/** Asks for a run and its steps; called as soon as the address is known. */
export function begin(id: string): void {
  const before = begun.get(id);
  if (before !== undefined && performance.now() - before.at < FRESH) return;
  const answers = new Map<string, Promise<unknown>>();
  for (const path of [`/traces${pathOf(id)}`, `/traces${pathOf(id)}/steps`]) {
    const answer = get<unknown>(path);
    answer.catch(() => answers.delete(path)); // whoever asks again hears of it
    answers.set(path, answer);
  }
  begun.clear();
  begun.set(id, { at: performance.now(), answers });
}

/** The answer that was asked for early, once; else a new one. */
export function early<T>(id: string, path: string, signal: AbortSignal): Promise<T> {
  const found = begun.get(id);
  const answer = found === undefined || performance.now() - found.at > FRESH ? undefined : found.answers.get(path);
  if (answer === undefined) return get<T>(path, {}, signal);
  found?.answers.delete(path);
  return answer as Promise<T>;
}
