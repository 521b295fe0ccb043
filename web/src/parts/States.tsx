import { useEffect, useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { CommandLine } from "./Copy";
import { Sentence } from "./Sentence";
import styles from "./States.module.css";

interface EmptyProps {
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly code?: string | undefined;
  readonly command?: string | undefined;
}

/** Nothing to show, and what would change that. */
export function Empty({ title, children, code, command }: EmptyProps) {
  return (
    <section className={styles.sheet}>
      <h2 className={styles.title}>{title}</h2>
      {code !== undefined && <pre className={styles.code}>{code}</pre>}
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {command !== undefined && <CommandLine command={command} />}
    </section>
  );
}

interface FailureProps {
  readonly error: unknown;
  /** What was wanted: "The run could not be loaded." */
  readonly what: string;
  readonly retry?: (() => void) | undefined;
  readonly command?: string | undefined;
}

/** What failed, what happens next, and the command that may still work. */
export function Failure({ error, what, retry, command }: FailureProps) {
  const detail = error instanceof ApiError ? error.detail : error instanceof Error ? error.message : String(error);
  const hint = error instanceof ApiError ? error.hint : undefined;
  return (
    <section className={styles.sheet} role="alert">
      <h2 className={styles.title}>{what}</h2>
      <div className={styles.words}>
        <p>
          <Sentence>{detail}</Sentence>
        </p>
        {hint !== undefined && (
          <p>
            <Sentence>{hint}</Sentence>
          </p>
        )}
      </div>
      {retry !== undefined && (
        <button type="button" className="btn" onClick={retry}>
          Try again
        </button>
      )}
      {command !== undefined && <CommandLine command={command} />}
    </section>
  );
}

/** Grey bars in the place of what is loading, only when it takes more than a moment. */
export function Waiting({ rows, height = 40, what = "Loading" }: { readonly rows: number; readonly height?: number; readonly what?: string }) {
  const late = useLate(150);
  return (
    <div className={styles.waiting} role="status" aria-label={what}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.slot} style={{ height }}>
          {late && <span className={styles.bar} style={{ width: `${38 + ((index * 37) % 41)}%` }} />}
        </div>
      ))}
    </div>
  );
}

/** True once `delay` milliseconds have passed: what is quick shows no sign of waiting. */
export function useLate(delay: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), delay);
    return () => clearTimeout(timer);
  }, [delay]);
  return late;
}

/** A value that capture replaced; there is nothing to reveal. */
export function Redacted() {
  return <span className={styles.redacted}>redacted at capture</span>;
}
