import { Glyph, type GlyphName } from "./Glyph";
import styles from "./Badge.module.css";

export type Severity = "info" | "warning" | "critical";
export type RunStatus = "ok" | "warning" | "failed" | "incomplete" | "running";

interface Look {
  readonly glyph: GlyphName;
  readonly word: string;
}

const STATUS: Record<RunStatus, Look> = {
  ok: { glyph: "check", word: "OK" },
  warning: { glyph: "triangle", word: "Warning" },
  failed: { glyph: "octagon", word: "Failed" },
  incomplete: { glyph: "dashed", word: "Incomplete" },
  running: { glyph: "running", word: "Running" },
};

const SEVERITY: Record<Severity, Look> = {
  critical: { glyph: "octagon", word: "Critical" },
  warning: { glyph: "triangle", word: "Warning" },
  info: { glyph: "info", word: "Info" },
};

const UNKNOWN: Look = { glyph: "dashed", word: "Unknown" };

/** How a run ended: shape, weight, word, hue, in this order. */
export function StatusBadge({ status }: { readonly status: string }) {
  return <Badge kind={status} look={STATUS[status as RunStatus] ?? UNKNOWN} />;
}

export function SeverityBadge({ severity }: { readonly severity: string }) {
  return <Badge kind={severity} look={SEVERITY[severity as Severity] ?? UNKNOWN} />;
}

function Badge({ kind, look }: { readonly kind: string; readonly look: Look }) {
  return (
    <span className={`${styles.badge} ${styles[kind] ?? styles.info}`}>
      <Glyph name={look.glyph} size={13} />
      {look.word}
    </span>
  );
}

/** The mark of a severity alone, with its word for those who cannot see it. */
export function SeverityGlyph({ severity, size = 14 }: { readonly severity: string; readonly size?: number }) {
  const look = SEVERITY[severity as Severity] ?? UNKNOWN;
  return <Glyph name={look.glyph} size={size} title={look.word} className={styles[`${severity}Glyph`]} />;
}

const PREFIXES: Record<string, GlyphName> = { STA: "statistical", SEM: "semantic", BEH: "behavioral", STR: "structural" };

export function layerGlyph(layerOrCode: string): GlyphName {
  const known = PREFIXES[layerOrCode.slice(0, 3).toUpperCase()];
  return known ?? "custom";
}

/** A finding's code with the mark of its layer. */
export function Code({ code }: { readonly code: string }) {
  return (
    <span className={styles.code}>
      <Glyph name={layerGlyph(code)} size={12} />
      {code || "custom"}
    </span>
  );
}

export type Role = "cause" | "path" | "symptom";

const ROLES: Record<Role, string> = { cause: "cause", path: "path of the fault", symptom: "symptom" };

/** ◆ cause, ○ path, ✕ symptom. */
export function RoleGlyph({ role, size = 12, severity = "critical" }: { readonly role: Role; readonly size?: number; readonly severity?: string }) {
  const hue = role === "symptom" ? (severity === "critical" ? "crit" : "warn") : "blame";
  return <Glyph name={role} size={size} title={ROLES[role]} className={hue} />;
}

/** "1 critical, 3 warnings" as marks and numbers. */
export function FindingCounts({ counts }: { readonly counts: { readonly critical: number; readonly warning: number; readonly info: number } }) {
  const shown = (["critical", "warning", "info"] as const).filter((severity) => counts[severity] > 0);
  return (
    <span className={`${styles.counts} num`}>
      {shown.map((severity) => (
        <span key={severity} className={styles[`${severity}Count`]}>
          <SeverityGlyph severity={severity} />
          {counts[severity]}
        </span>
      ))}
    </span>
  );
}
