import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { visible } from "../format/hostile";
import styles from "./Copy.module.css";

interface CopyProps {
  readonly text: string;
  /** What is copied, for the label: "id", "command". */
  readonly what: string;
  readonly className?: string | undefined;
}

/** Copies and says so for a moment. */
export function CopyButton({ text, what, className }: CopyProps) {
  const { copied, copy } = useCopied();
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      className={`${styles.button} ${className ?? ""}`}
      aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
      title={copied ? "Copied" : `Copy ${what}`}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void copy(text);
      }}
    >
      <Icon size={14} strokeWidth={1.5} aria-hidden />
    </button>
  );
}

/** Whether something was copied within the last moments, and how to copy. */
export function useCopied(): { readonly copied: boolean; readonly copy: (text: string) => Promise<void> } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  return {
    copied,
    copy: async (text) => {
      await copyText(text);
      setCopied(true);
    },
  };
}

/** Puts text on the clipboard; falls back to a selection where the clipboard is not allowed. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("aria-hidden", "true");
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** One line of the command that prints the same as what is seen. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className={styles.command}>
      <span className={styles.prompt} aria-hidden>
        $
      </span>
      <code className={`${styles.words} ell`} title={visible(command)}>
        {visible(command)}
      </code>
      <CopyButton text={command} what="command" />
    </div>
  );
}

/** A run's short id that can be copied in full. */
export function IdChip({ id, short }: { readonly id: string; readonly short: string }) {
  return (
    <span className={styles.id}>
      <code>{visible(short)}</code>
      <CopyButton text={id} what="id" />
    </span>
  );
}
