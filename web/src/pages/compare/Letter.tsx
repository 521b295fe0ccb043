import styles from "./Letter.module.css";

/** A is filled, B is outlined: told apart without hue. */
export function Letter({ letter }: { readonly letter: "A" | "B" }) {
  return <span className={letter === "A" ? styles.a : styles.b}>{letter}</span>;
}
