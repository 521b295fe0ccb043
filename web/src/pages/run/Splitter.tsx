import { useState, type KeyboardEvent, type PointerEvent } from "react";
import styles from "./Splitter.module.css";

const KEY = "argus.inspector";
const NARROWEST = 360;
const WIDEST = 720;
const USUAL = 476;

export interface Width {
  readonly value: number;
  readonly set: (value: number) => void;
}

/** The width of the inspector, remembered on this machine. */
export function useInspectorWidth(): Width {
  const [value, setValue] = useState(() => bounded(Number(localStorage.getItem(KEY)) || USUAL));
  return {
    value,
    set: (next) => {
      const kept = bounded(next);
      localStorage.setItem(KEY, String(kept));
      setValue(kept);
    },
  };
}

function bounded(value: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, value)));
}

/** The edge between the lists and the inspector. */
export function Splitter({ width }: { readonly width: Width }) {
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const before = width.value;
    const move = (next: globalThis.PointerEvent): void => width.set(before + from - next.clientX);
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", () => target.removeEventListener("pointermove", move), { once: true });
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft") width.set(width.value + 24);
    else if (event.key === "ArrowRight") width.set(width.value - 24);
    else return;
    event.preventDefault();
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the step"
      aria-valuenow={width.value}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      className={styles.edge}
      onPointerDown={drag}
      onKeyDown={key}
      onDoubleClick={() => width.set(USUAL)}
    />
  );
}
