import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, Search } from "lucide-react";
import { useMemo, useRef, useState, type ReactNode } from "react";
import { count, counted } from "../format/count";
import { visible } from "../format/hostile";
import { CopyButton } from "../parts/Copy";
import { Redacted } from "../parts/States";
import { Text } from "../parts/Text";
import { find, flatten, type TreeRow } from "./flatten";
import { begunText, cutOf, describePlaceholder, redactionOf, shortText, sizeOf, type Json } from "./kinds";
import styles from "./JsonTree.module.css";

interface Props {
  readonly value: Json;
  /** The path of the value itself: the field, when it is one. */
  readonly root: string;
  /** How deep it starts open. */
  readonly depth?: number;
  readonly searchable?: boolean;
  /** Without the row of the value itself, where a heading tells what it is. */
  readonly bare?: boolean;
  readonly onPath?: (path: string) => void;
}

const ROW = 24;
const VIRTUAL_FROM = 120;
const NONE: ReadonlySet<string> = new Set();

/** A value as a tree: types and sizes beside the keys, what capture cut or took out named, copy of value and path. */
export function JsonTree({ value, root, depth = 1, searchable = false, bare = false, onPath }: Props) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(NONE);
  const [pages, setPages] = useState<ReadonlyMap<string, number>>(new Map());
  const [word, setWord] = useState("");
  const hits = useMemo(() => find(value, root, word), [value, root, word]);
  const rows = useMemo(() => {
    const opened = new Set(toggled);
    if (word !== "") {
      const needed = new Set(hits.flatMap((hit) => hit.above));
      const plain = flatten(value, root, { toggled: NONE, pages, depth });
      const openByDefault = new Set(plain.filter((row) => row.open).map((row) => row.path));
      for (const path of needed) if (!openByDefault.has(path)) opened.add(path);
    }
    const all = flatten(value, root, { toggled: opened, pages, depth });
    const headed = !bare || typeof value !== "object" || value === null || all.length < 2;
    return headed ? all : all.slice(1).map((row) => ({ ...row, depth: row.depth - 1 }));
  }, [value, root, toggled, pages, depth, word, hits, bare]);
  const found = useMemo(() => new Set(hits.map((hit) => hit.path)), [hits]);
  const toggle = (path: string): void => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const draw = (row: TreeRow): ReactNode => (
    <Row
      row={row}
      hit={row.line === null && row.rest === 0 && found.has(row.path)}
      onToggle={() => toggle(row.path)}
      onMore={() => setPages(new Map(pages).set(row.path, (pages.get(row.path) ?? 0) + 1))}
      onPath={onPath}
    />
  );
  return (
    <div className={styles.tree}>
      {searchable && (
        <label className={styles.search}>
          <Search size={14} strokeWidth={1.5} aria-hidden />
          <input value={word} onChange={(event) => setWord(event.target.value)} placeholder="Find in this value" aria-label="Find in this value" spellCheck={false} />
          {word !== "" && <span className="num t3 small">{hits.length >= 500 ? "500 or more places" : counted(hits.length, "place")}</span>}
        </label>
      )}
      {rows.length > VIRTUAL_FROM ? <Virtual rows={rows} draw={draw} /> : rows.map((row, index) => <div key={index} className={styles.slot}>{draw(row)}</div>)}
    </div>
  );
}

function Virtual({ rows, draw }: { readonly rows: readonly TreeRow[]; readonly draw: (row: TreeRow) => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => place.current, estimateSize: () => ROW, overscan: 10 });
  return (
    <div ref={place} className={styles.scroller} tabIndex={0} role="group" aria-label="Value">
      <div className={styles.space} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className={styles.placed} style={{ transform: `translateY(${item.start}px)` }}>
            {rows[item.index] !== undefined && draw(rows[item.index]!)}
          </div>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: TreeRow;
  readonly hit: boolean;
  readonly onToggle: () => void;
  readonly onMore: () => void;
  readonly onPath: ((path: string) => void) | undefined;
}

function Row({ row, hit, onToggle, onMore, onPath }: RowProps) {
  const pad = { paddingLeft: row.depth * 14 };
  if (row.line !== null) {
    return (
      <div className={`${styles.row} ${styles.line}`} style={pad}>
        <Text>{row.line}</Text>
      </div>
    );
  }
  if (row.rest > 0) {
    return (
      <div className={styles.row} style={pad}>
        <button type="button" className={`link ${styles.rest}`} onClick={onMore}>
          {`${count(row.rest)} more`}
        </button>
      </div>
    );
  }
  const Chevron = row.open ? ChevronDown : ChevronRight;
  return (
    <div className={hit ? `${styles.row} ${styles.hit}` : styles.row} style={pad}>
      {row.branch ? (
        <button type="button" className={styles.chevron} aria-expanded={row.open} aria-label={`${row.open ? "Fold" : "Unfold"} ${visible(row.path) || "value"}`} onClick={onToggle}>
          <Chevron size={12} strokeWidth={1.75} aria-hidden />
        </button>
      ) : (
        <span className={styles.chevron} />
      )}
      {row.key !== null &&
        (typeof row.key === "number" ? (
          <span className={`${styles.index} num`}>{row.key}</span>
        ) : onPath === undefined ? (
          <span className={`${styles.key} ell`} title={visible(row.key)}>
            <Text>{shortText(row.key, 80)}</Text>
          </span>
        ) : (
          <button type="button" className={`${styles.key} ${styles.pick} ell`} title={visible(row.key)} onClick={() => onPath(row.path)}>
            <Text>{shortText(row.key, 80)}</Text>
          </button>
        ))}
      <Value row={row} />
      <span className={styles.tools}>
        {row.path !== "" && <CopyButton text={row.path} what="path" />}
        <CopyButton text={typeof row.value === "string" ? row.value : JSON.stringify(row.value, null, 2)} what="value" />
      </span>
    </div>
  );
}

function Value({ row }: { readonly row: TreeRow }) {
  const { value, kind } = row;
  switch (kind) {
    case "list":
    case "object": {
      const size = sizeOf(value);
      return (
        <span className={`${styles.type} num ell`}>
          {kind === "list" ? "list" : "object"}, {size}
          {!row.open && <Shape value={value} />}
        </span>
      );
    }
    case "placeholder": {
      const begun = begunText(value);
      if (begun !== null) {
        return (
          <>
            <span className={`${styles.text} ell`}>
              <Text>{`"${shortText(begun.text.replaceAll("\n", "⏎"), 300)}`}</Text>
            </span>
            <span className={`${styles.type} num ${styles.fixed}`}>{counted(begun.length, "character")}</span>
          </>
        );
      }
      return <span className={`${styles.placeholder} ell`}>{visible(describePlaceholder(value as { [key: string]: Json }))}</span>;
    }
    case "text": {
      if (redactionOf(value) !== null) return <RedactedChip kind={redactionOf(value) ?? ""} />;
      const text = value as string;
      const cut = cutOf(text);
      if (row.open) {
        return (
          <span className={`${styles.type} num`}>
            text, {sizeOf(text)}
            {cut !== null && <CutNote kept={cut.kept} length={cut.length} hash={cut.hash} />}
          </span>
        );
      }
      return (
        <>
          <span className={`${styles.text} ell`}>
            <Text>{`"${shortText((cut ? text.slice(0, cut.kept) : text).replaceAll("\n", "⏎"), 300)}"`}</Text>
          </span>
          {(cut !== null || text.length > 60) && <span className={`${styles.type} num ${styles.fixed}`}>{sizeOf(text)}</span>}
          {cut !== null && <CutNote kept={cut.kept} length={cut.length} hash={cut.hash} />}
        </>
      );
    }
    default:
      return <span className={`${styles.scalar} num`}>{String(value)}</span>;
  }
}

/** The keys that stand inside, as far as there is room. */
function Shape({ value }: { readonly value: Json }) {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first !== "object" || first === null || Array.isArray(first)) return null;
  const keys = Object.keys(first).slice(0, 6).map((key) => shortText(key, 24));
  if (keys.length === 0) return null;
  return <span className={styles.shape}>{visible(` {${keys.join(", ")}${Object.keys(first).length > 6 ? ", …" : ""}}`)}</span>;
}

function RedactedChip({ kind }: { readonly kind: string }) {
  return (
    <span className={styles.chip}>
      <Redacted />
      {kind !== "" && <span className={styles.type}>{kind.replaceAll("_", " ")}</span>}
    </span>
  );
}

function CutNote({ kept, length, hash }: { readonly kept: number; readonly length: number; readonly hash: string }) {
  return (
    <span className={`${styles.cut} num`} title={`xxh3 of the whole: ${hash}`}>
      {count(kept)} of {count(length)} kept at capture
    </span>
  );
}
