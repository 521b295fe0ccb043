import { useQuery } from "@tanstack/react-query";
import { metaQuery } from "../api/queries";
import { commandLine } from "../format/shell";

/** Makes command lines that mean the store and configuration that are served. */
export function useCommand(): (...words: readonly (string | number)[]) => string {
  const { data } = useQuery(metaQuery);
  const options = data?.command_options ?? "";
  return (...words) => [commandLine("argus", ...words), options].filter(Boolean).join(" ");
}
