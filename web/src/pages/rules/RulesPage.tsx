import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { rulesQuery } from "../../api/queries";
import type { Rule } from "../../api/types";
import { counted, spelled } from "../../format/count";
import { layerGlyph, SeverityGlyph } from "../../parts/Badge";
import { CommandLine } from "../../parts/Copy";
import { Glyph } from "../../parts/Glyph";
import { Sentence } from "../../parts/Sentence";
import { Failure, Waiting } from "../../parts/States";
import { useCommand } from "../../parts/useCommand";
import { useTitle } from "../../shell/title";
import { byLayer, humanName, percent } from "./rules";
import styles from "./RulesPage.module.css";

/** What is watched? */
export default function RulesPage() {
  const { data, error, refetch } = useQuery(rulesQuery);
  const line = useCommand();
  const [wanted, setWanted] = useState("");
  useTitle("Rules");
  if (error !== null && data === undefined) {
    return (
      <main className="page">
        <Failure error={error} what="The rules could not be loaded." retry={() => void refetch()} command={line("rules")} />
      </main>
    );
  }
  const rules = data?.items ?? [];
  const layers = byLayer(rules.filter((rule) => isWanted(rule, wanted)));
  const off = rules.filter((rule) => !rule.enabled).length;
  return (
    <main className="page">
      <header className={styles.head}>
        <div className="grow">
          <h1 className="title">{data === undefined ? "Rules" : `${spelled(byLayer(rules).length)} layers look at every step, with ${counted(rules.length, "rule")}.`}</h1>
          <p className="t2">{data !== undefined && (off === 0 ? "All of them are on." : `${spelled(off)} ${off === 1 ? "is" : "are"} switched off in the configuration.`)}</p>
        </div>
        <input className={styles.find} type="search" aria-label="Find a rule" placeholder="Find a rule" value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </header>
      {data === undefined ? (
        <Waiting rows={8} what="Loading the rules" />
      ) : (
        <div className={styles.layers}>
          {layers.map(([layer, list]) => (
            <section key={layer} aria-labelledby={layer}>
              <h2 id={layer} className={styles.layer}>
                <Glyph name={layerGlyph(layer)} size={15} />
                {humanName(layer)}
                <span className="t3 num">{list.length}</span>
              </h2>
              <ul className={styles.list}>
                {list.map((rule) => (
                  <li key={rule.code} className={rule.enabled ? styles.rule : `${styles.rule} ${styles.off}`}>
                    <code className={styles.code}>{rule.code}</code>
                    <span className={styles.words}>
                      <Link to="/rules/$code" params={{ code: rule.code }} className={styles.name}>
                        {humanName(rule.name)}
                      </Link>
                      <span className={styles.summary}>
                        <Sentence>{rule.summary}</Sentence>
                      </span>
                    </span>
                    <span className={styles.facts}>
                      {!rule.enabled && <span className={styles.tag}>off</span>}
                      {rule.severity !== null && rule.runs > 0 && (
                        <span className={`${styles.seen} num`} title={`in this store: ${counted(rule.findings, "finding")} in ${counted(rule.runs, "run")}`}>
                          <SeverityGlyph severity={rule.severity} />
                          {counted(rule.runs, "run")}
                        </span>
                      )}
                      {rule.precision !== null && <span className="num small t3">{percent(rule.precision)} right</span>}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {layers.length === 0 && <p className="t3">No rule matches.</p>}
        </div>
      )}
      <div className={styles.command}>
        <CommandLine command={line("rules")} />
      </div>
    </main>
  );
}

function isWanted(rule: Rule, wanted: string): boolean {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${rule.code} ${rule.name.replaceAll("_", " ")} ${rule.summary}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
