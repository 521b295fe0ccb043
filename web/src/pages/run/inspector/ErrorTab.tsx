import { visible } from "../../../format/hostile";
import { CopyButton } from "../../../parts/Copy";
import { Name, Text } from "../../../parts/Text";
import type { ErrorDetail } from "../api";
import styles from "./ErrorTab.module.css";

/** What was raised, where, and the way there. */
export function ErrorTab({ error }: { readonly error: ErrorDetail }) {
  const place = error.file === null ? null : error.line === null ? error.file : `${error.file}:${error.line}`;
  return (
    <>
      <div>
        <p className={styles.type}>
          <Name>{error.type}</Name>
          {error.handled && <span className="t3"> handled, the run went on</span>}
        </p>
        <p className={styles.message}>
          <Text>{error.message}</Text>
        </p>
        {place !== null && (
          <p className={styles.place}>
            at <code>{visible(place)}</code>
            <CopyButton text={place} what="source place" />
          </p>
        )}
      </div>
      {error.traceback !== "" && (
        <div className={styles.box}>
          <span className={styles.copy}>
            <CopyButton text={error.traceback} what="traceback" />
          </span>
          <pre className={styles.traceback} tabIndex={0}>
            {error.traceback.split("\n").map((line, index) => (
              <span key={index} className={isHere(line, error) ? styles.here : /^\s+File /.test(line) ? styles.file : undefined}>
                <Text>{line}</Text>
                {"\n"}
              </span>
            ))}
          </pre>
        </div>
      )}
    </>
  );
}

function isHere(line: string, error: ErrorDetail): boolean {
  return error.file !== null && line.includes(`"${error.file}", line ${error.line}`);
}
