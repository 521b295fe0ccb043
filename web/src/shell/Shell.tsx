import { Outlet } from "@tanstack/react-router";
import { TopBar } from "./TopBar";

/** What every page stands in. */
export function Shell() {
  return (
    <>
      <TopBar />
      <Outlet />
    </>
  );
}
