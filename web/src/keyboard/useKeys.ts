import { useEffect, useRef } from "react";
import { bind, type Binding } from "./keys";

/** Binds keys while the component is shown. `run` may change with every render; keys and words may not. */
export function useKeys(bindings: readonly Binding[]): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  const names = bindings.map((binding) => binding.keys).join(",");
  useEffect(() => {
    const stable = latest.current.map((binding) => ({
      keys: binding.keys,
      what: binding.what,
      run: (event: KeyboardEvent) => latest.current.find((one) => one.keys === binding.keys)?.run(event),
    }));
    return bind(stable);
  }, [names]);
}
