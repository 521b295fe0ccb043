import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { historyQuery, metaQuery } from "../../api/queries";
import { counted } from "../../format/count";
import { word } from "../../format/query";
import { CommandLine } from "../../parts/Copy";
import { Sentence } from "../../parts/Sentence";
import { Empty, Failure, Waiting } from "../../parts/States";
import { useCommand } from "../../parts/useCommand";
import { Text } from "../../parts/Text";
import type { Search } from "../../selection/search";
import { useTitle } from "../../shell/title";
import { Lanes } from "./Lanes";
import { PointList } from "./PointList";
import styles from "./HistoryPage.module.css";

const SPANS = [
  ["1h", "Hour"],
  ["24h", "Day"],
  ["7d", "Week"],
  ["", "All"],
] as const;

/** When did it start, and what changed then? */
export default function HistoryPage() {
  const { pipeline }: { pipeline?: string } = useParams({ strict: false });
  const search = useSearch({ strict: false }) as Search;
  const { data: meta } = useQuery(metaQuery);
  const line = useCommand();
  const navigate = useNavigate();
  const shown = pipeline ?? busiest(meta?.runs_by_pipeline);
  const history = useQuery({ ...historyQuery(shown ?? "", search["since"]), enabled: shown !== undefined });
  useTitle(shown === undefined ? "History" : `${shown} · History`);

  if (meta !== undefined && shown === undefined) {
    return (
      <main className="page">
        <Empty title="No runs yet, so there is no history." command="argus demo" />
      </main>
    );
  }
  const brush = readBrush(search);
  const setBrush = (from: string | null, to: string | null): void =>
    void navigate({ to: "/history/$pipeline", params: { pipeline: shown ?? "" }, search: { ...(search["since"] ? { since: search["since"] } : {}), ...(from !== null && to !== null ? { from, to } : {}) }, replace: true, resetScroll: false });
  const data = history.data;
  return (
    <main className="page">
      <nav className={styles.pipelines} aria-label="Pipelines">
        {(meta?.pipelines ?? []).slice(0, 40).map((name) => (
          <Link key={name} to="/history/$pipeline" params={{ pipeline: name }} search={search["since"] ? { since: search["since"] } : {}} className={name === shown ? styles.here : styles.there} aria-current={name === shown ? "page" : undefined}>
            <Text>{name}</Text> <span className="t3 num">{meta?.runs_by_pipeline[name]}</span>
          </Link>
        ))}
      </nav>
      {history.error !== null && data === undefined ? (
        <Failure error={history.error} what="The history could not be loaded." retry={() => void history.refetch()} command={line("stats", "--where", word("pipeline", shown ?? ""))} />
      ) : data === undefined ? (
        <Waiting rows={8} what="Loading the history" />
      ) : (
        <>
          <header className={styles.head}>
            <div className="grow">
              <h1 className="title">
                <Sentence>{data.sentence}</Sentence>
              </h1>
              <p className="t2">
                {data.points.length < data.of_runs ? `The newest ${data.points.length} of ${counted(data.of_runs, "run")}` : counted(data.of_runs, "run")}
                {data.versions.length > 0 && `, ${counted(data.versions.length, "graph version")}`}
                {data.band !== null && `, usual durations from ${counted(data.band.runs, "healthy run")}`}.
              </p>
            </div>
            <div className={styles.spans} role="group" aria-label="Time shown">
              {SPANS.map(([since, name]) => (
                <Link key={name} to="/history/$pipeline" params={{ pipeline: shown ?? "" }} search={since ? { since } : {}} className={(search["since"] ?? "") === since ? styles.spanOn : styles.spanOff} aria-current={(search["since"] ?? "") === since ? "true" : undefined}>
                  {name}
                </Link>
              ))}
            </div>
          </header>
          {data.points.length > 0 && (
            <>
              <Lanes history={data} brush={brush} onBrush={setBrush} />
              <PointList history={data} brush={brush} onClear={() => setBrush(null, null)} />
            </>
          )}
          <div className={styles.command}>
            <CommandLine command={line("trace", "--list", "--where", [word("pipeline", data.pipeline), search["since"] && `since:${search["since"]}`].filter(Boolean).join(" "))} />
          </div>
        </>
      )}
    </main>
  );
}

export interface Brush {
  readonly from: number;
  readonly to: number;
}

function readBrush(search: Search): Brush | null {
  const [from, to] = [Date.parse(search["from"] ?? ""), Date.parse(search["to"] ?? "")];
  return Number.isFinite(from) && Number.isFinite(to) && from < to ? { from, to } : null;
}

function busiest(runs: Readonly<Record<string, number>> | undefined): string | undefined {
  return Object.entries(runs ?? {}).sort(([, one], [, other]) => other - one)[0]?.[0];
}
