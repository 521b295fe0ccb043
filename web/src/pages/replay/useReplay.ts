import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get, pathOf, post, remove } from "../../api/client";
import { keys } from "../../api/queries";
import type { ReplayJob } from "../../api/types";
import { listen } from "../../live/events";

export interface ReplayControl {
  readonly job: ReplayJob | null;
  readonly error: unknown;
  readonly start: (runId: string, from: number, patch: Readonly<Record<string, unknown>> | null) => Promise<void>;
  readonly cancel: () => Promise<void>;
}

const KINDS = ["replay"] as const;

/** A replay that the server runs in a child process; its events only say that there is news, the job is then asked. */
export function useReplay(): ReplayControl {
  const [job, setJob] = useState<ReplayJob | null>(null);
  const [error, setError] = useState<unknown>(null);
  const client = useQueryClient();
  const running = job?.status === "running" ? job.job : null;

  useEffect(() => {
    if (running === null) return undefined;
    const ask = (): void =>
      void get<ReplayJob>(`/replays${pathOf(running)}`).then((news) => {
        setJob(news);
        if (news.status !== "running") void client.invalidateQueries({ queryKey: keys.lists });
      }, setError);
    const stop = listen({ onEvents: ask, onState: () => undefined }, `/replays${pathOf(running)}/events`, KINDS);
    const timer = setInterval(ask, 1000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [running, client]);

  const send = async (body: Readonly<Record<string, unknown>>): Promise<void> => {
    setError(null);
    try {
      setJob(await post<ReplayJob>("/replays", body));
    } catch (problem) {
      setError(problem);
    }
  };
  return {
    job,
    error,
    start: (runId, from, patch) => send({ trace_id: runId, from_step: from, patch, prove: false }),
    cancel: async () => {
      if (running === null) return;
      try {
        setJob(await remove<ReplayJob>(`/replays${pathOf(running)}`));
      } catch (problem) {
        setError(problem);
      }
    },
  };
}
