import { useEffect, useState } from "react";
import { timeOfDay } from "../format/moment";
import { useLive } from "../live/LiveProvider";
import { CommandLine } from "../parts/Copy";
import styles from "./Away.module.css";

/** Says that the server is gone, from when what is shown is, and what happens next. */
export function Away() {
  const { state, retryInMs } = useLive();
  const [since, setSince] = useState<string | null>(null);
  const away = state === "away";
  useEffect(() => {
    setSince((before) => (away ? (before ?? new Date().toISOString()) : state === "live" ? null : before));
  }, [away, state]);
  if (since === null) return null;
  return (
    <div className={styles.bar} role="status">
      <span>
        <b>The server stopped answering.</b> Showing what was loaded at {timeOfDay(since)}.{" "}
        {retryInMs === null ? "Trying again every few seconds." : `Trying again in ${Math.round(retryInMs / 1000)} s.`}
      </span>
      <CommandLine command="argus ui" />
    </div>
  );
}
