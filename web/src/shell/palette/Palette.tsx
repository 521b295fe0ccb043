import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { get } from "../../api/client";
import { keys, metaQuery, rulesQuery, runRowQuery } from "../../api/queries";
import type { TracePage } from "../../api/types";
import { started } from "../../format/moment";
import { having } from "../../format/query";
import { Glyph, type GlyphName } from "../../parts/Glyph";
import { Text } from "../../parts/Text";
import { PAGES } from "../pages";
import { switchTheme } from "../theme";
import { matchOf } from "./match";
import { offered, type Offer, type OfferGroup } from "./offers";
import styles from "./Palette.module.css";

const PER_GROUP = 8;
const RUNS = 5;
const ID = /^[0-9a-f-]{4,40}$/i;
const STATUS_GLYPHS: Readonly<Record<string, GlyphName>> = { ok: "check", warning: "triangle", failed: "octagon", incomplete: "dashed" };

/** Steps and actions of this page, runs, filters, pages: whatever is typed. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const groups = useGroups(typed);
  const flat = groups.flatMap((group) => group.offers);

  useEffect(() => dialog.current?.showModal(), []);

  const run = (offer: Offer | undefined): void => {
    if (offer === undefined) return;
    onClose();
    offer.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(flat.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter") run(flat[at]);
    else return;
    event.preventDefault();
  };

  return (
    <dialog ref={dialog} className={styles.sheet} aria-label="Search or jump to" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div className={styles.inner}>
        <div className={styles.line}>
          <Search size={16} strokeWidth={1.5} aria-hidden />
          <input
            className={styles.input}
            role="combobox"
            aria-label="Search or jump to"
            aria-expanded={flat.length > 0}
            aria-controls={list}
            aria-activedescendant={flat[at] ? `${list}-${at}` : undefined}
            placeholder="A run, a step, a page, a filter"
            autoFocus
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <kbd>esc</kbd>
        </div>
        <div id={list} role="listbox" aria-label="Matches" className={styles.list}>
          {groups.map((group) => (
            <div key={group.title} role="group" aria-label={group.title}>
              <div className={`label ${styles.group}`} aria-hidden>
                {group.title}
              </div>
              {group.offers.map((offer) => {
                const index = flat.indexOf(offer);
                return (
                  <div
                    key={offer.id}
                    id={`${list}-${index}`}
                    ref={index === at ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
                    role="option"
                    aria-selected={index === at}
                    className={index === at ? `${styles.item} ${styles.on}` : styles.item}
                    onPointerMove={() => index !== at && setAt(index)}
                    onClick={() => run(offer)}
                  >
                    <span className={styles.mark}>{offer.glyph && <Glyph name={offer.glyph} />}</span>
                    <span className="ell">
                      <Marked label={offer.label} typed={typed} />
                    </span>
                    {offer.note !== undefined && (
                      <span className="t3 small ell">
                        <Text>{offer.note}</Text>
                      </span>
                    )}
                    <span className="grow" />
                    {offer.key !== undefined ? <kbd>{offer.key}</kbd> : index === at ? <kbd>↵</kbd> : null}
                  </div>
                );
              })}
            </div>
          ))}
          {flat.length === 0 && <p className={styles.none}>Nothing matches.</p>}
        </div>
      </div>
    </dialog>
  );
}

/** The label with the typed letters in bold. */
function Marked({ label, typed }: { readonly label: string; readonly typed: string }) {
  const marks = matchOf(label, typed) ?? [];
  const parts: { text: string; bold: boolean }[] = [];
  let last = 0;
  for (const [from, to] of marks) {
    parts.push({ text: label.slice(last, from), bold: false }, { text: label.slice(from, to), bold: true });
    last = to;
  }
  parts.push({ text: label.slice(last), bold: false });
  return (
    <bdi>
      {parts.map((part, index) => (part.bold ? <b key={index}><Text>{part.text}</Text></b> : <Text key={index}>{part.text}</Text>))}
    </bdi>
  );
}

function useGroups(typed: string): readonly OfferGroup[] {
  const navigate = useNavigate();
  const { data: meta } = useQuery(metaQuery);
  const { data: rules } = useQuery(rulesQuery);
  const text = useSettled(typed.trim(), 150);
  const { data: runs } = useQuery({
    queryKey: [...keys.lists, "palette", text],
    queryFn: ({ signal }) => get<TracePage>("/traces", { q: text === "" ? "" : JSON.stringify(text), limit: RUNS }, signal),
    retry: false,
  });

  const { data: named } = useQuery({ ...runRowQuery(text), enabled: ID.test(text) });
  const found = [...(named === undefined ? [] : [named]), ...(runs?.items ?? []).filter((row) => row.id !== named?.id)];

  const filter = (q: string): void => void navigate({ to: "/runs", search: { q } });
  const own: OfferGroup[] = [
    ...offered(),
    {
      title: "Runs",
      offers: found.map((row) => ({
        id: row.id,
        label: `${row.short_id} ${row.headline.replaceAll("`", "")}`,
        note: started(row.created_at),
        glyph: STATUS_GLYPHS[row.status] ?? "running",
        run: () => void navigate({ to: "/runs/$runId", params: { runId: row.id } }),
      })),
    },
    {
      title: "Filters",
      offers: [
        { id: "failed", label: "Runs that failed", note: "status:failed", run: () => filter("status:failed") },
        { id: "day", label: "Runs of the last 24 hours", note: "since:24h", run: () => filter("since:24h") },
        ...(meta?.pipelines ?? []).map((name) => ({ id: `p ${name}`, label: `Runs of ${name}`, note: `pipeline:${name}`, run: () => filter(having("", "pipeline", name)) })),
      ],
    },
    {
      title: "Pages",
      offers: [
        ...PAGES.map((page) => ({ id: page.to, label: page.name, key: `g ${page.key}`, run: () => void navigate({ to: page.to }) })),
        ...(meta?.pipelines ?? []).map((name) => ({ id: `h ${name}`, label: `History of ${name}`, run: () => void navigate({ to: "/history/$pipeline", params: { pipeline: name } }) })),
        ...(rules?.items ?? []).map((rule) => ({ id: rule.code, label: `${rule.code} ${rule.name.replaceAll("_", " ")}`, run: () => void navigate({ to: "/rules/$code", params: { code: rule.code } }) })),
        { id: "theme", label: "Switch between light and dark", run: switchTheme },
      ],
    },
  ];
  return own
    .map((group) => ({
      title: group.title,
      offers: group.offers.filter((offer) => (group.title === "Runs" && text !== "") || matchOf(offer.label, typed) !== null).slice(0, group.title === "Pages" && typed === "" ? PAGES.length : PER_GROUP),
    }))
    .filter((group) => group.offers.length > 0);
}

/** A value once it has rested for a while. */
function useSettled(value: string, delay: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return settled;
}
