import { pieces } from "../format/hostile";
import styles from "./Text.module.css";

interface Props {
  readonly children: string;
  readonly className?: string | undefined;
}

/** Recorded text: isolated in direction, never markup, with hidden characters shown as symbols. */
export function Text({ children, className }: Props) {
  const parts = pieces(children);
  return (
    <bdi className={className}>
      {parts.map((piece, index) =>
        piece.hidden === undefined ? (
          piece.text
        ) : (
          <span key={index} className={styles.hidden} title={piece.hidden}>
            {piece.text}
          </span>
        ),
      )}
    </bdi>
  );
}

/** A recorded name, key or value, in the fixed-width face. */
export function Name({ children, className }: Props) {
  return (
    <code className={className}>
      <Text>{children}</Text>
    </code>
  );
}
