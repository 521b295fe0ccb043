import { useEffect } from "react";
import { visible } from "../format/hostile";

/** The title of the browser's tab while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${visible(title)} · ARGUS`;
  }, [title]);
}
