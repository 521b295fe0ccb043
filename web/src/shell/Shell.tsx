import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useKeys } from "../keyboard/useKeys";
import { Away } from "./Away";
import { OPEN_PALETTE } from "./palette/offers";
import { TopBar } from "./TopBar";

const Palette = lazy(() => import("./palette/Palette"));
const Help = lazy(() => import("./help/Help"));

/** What every page stands in: the bar, the palette and the help above it. */
export function Shell() {
  const [sheet, setSheet] = useState<"palette" | "help" | null>(null);
  useKeys([
    { keys: "⌘K", what: "Search or jump to", run: () => setSheet(sheet === "palette" ? null : "palette") },
    { keys: "?", what: "Show the keys", run: () => setSheet("help") },
  ]);
  useEffect(() => {
    const open = (): void => setSheet("palette");
    window.addEventListener(OPEN_PALETTE, open);
    return () => window.removeEventListener(OPEN_PALETTE, open);
  }, []);
  const close = (): void => setSheet(null);
  return (
    <>
      <TopBar />
      <Away />
      <Outlet />
      <Suspense>
        {sheet === "palette" && <Palette onClose={close} />}
        {sheet === "help" && <Help onClose={close} />}
      </Suspense>
    </>
  );
}
