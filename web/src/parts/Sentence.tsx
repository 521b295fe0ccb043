import { Fragment } from "react";
import { Text } from "./Text";
import styles from "./Sentence.module.css";

const QUOTED = /`([^`\n]{1,400})`/g;

export interface SentencePart {
  readonly text: string;
  readonly name: boolean;
}

/** A sentence cut at its backquotes: what stood inside is a name, key or value. */
export function sentenceParts(sentence: string): readonly SentencePart[] {
  const parts: SentencePart[] = [];
  let last = 0;
  for (const match of sentence.matchAll(QUOTED)) {
    if (match.index > last) parts.push({ text: sentence.slice(last, match.index), name: false });
    parts.push({ text: match[1] ?? "", name: true });
    last = match.index + match[0].length;
  }
  const rest = sentence.slice(last);
  const cut = rest.indexOf("`");
  // A sentence that was shortened within a name has no closing quote.
  if (cut < 0) return rest ? [...parts, { text: rest, name: false }] : parts;
  return [...parts, { text: rest.slice(0, cut), name: false }, { text: rest.slice(cut + 1), name: true }].filter((part) => part.text !== "");
}

interface Props {
  readonly children: string;
  /** Names that are drawn as the cause and as the symptom. */
  readonly cause?: string | null | undefined;
  readonly symptom?: string | null | undefined;
}

/** A sentence of ours about recorded things: names in the fixed-width face, cause and symptom marked at their first mention. */
export function Sentence({ children, cause, symptom }: Props) {
  const marked = new Set<string>();
  return (
    <>
      {sentenceParts(children).map((part, index) => {
        if (!part.name) return <Text key={index}>{part.text}</Text>;
        const first = !marked.has(part.text);
        marked.add(part.text);
        const role = !first ? "" : part.text === cause ? styles.cause : part.text === symptom ? styles.symptom : "";
        return (
          <Fragment key={index}>
            <code className={role ? `${styles.name} ${role}` : ""}>
              <Text>{part.text}</Text>
            </code>
          </Fragment>
        );
      })}
    </>
  );
}
