import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { problemsQuery, ruleQuery } from "../../api/queries";
import type { Rule } from "../../api/types";
import { counted } from "../../format/count";
import { word } from "../../format/query";
import { Code } from "../../parts/Badge";
import { CommandLine } from "../../parts/Copy";
import { Sentence } from "../../parts/Sentence";
import { Failure, Waiting } from "../../parts/States";
import { useCommand } from "../../parts/useCommand";
import { useTitle } from "../../shell/title";
import { humanName, percent } from "./rules";
import styles from "./RulePage.module.css";

/** One rule's manual page, and the runs it spoke up in. */
export default function RulePage() {
  const { code = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(ruleQuery(code));
  const line = useCommand();
  const rule = data?.rule;
  useTitle(rule === undefined ? code : `${rule.code} ${humanName(rule.name)}`);
  if (error !== null && rule === undefined) {
    return (
      <main className="page">
        <Failure error={error} what={`There is no manual page for ${code}.`} retry={() => void refetch()} command={line("rules")} />
      </main>
    );
  }
  if (data === undefined || rule === undefined) {
    return (
      <main className="page">
        <Waiting rows={5} what="Loading the manual page" />
      </main>
    );
  }
  return (
    <main className={`page ${styles.page}`}>
      <nav className={styles.crumb}>
        <Link to="/rules" className="link">
          Rules
        </Link>
      </nav>
      <div className={styles.badges}>
        <Code code={rule.code} />
        <span className="small t3">
          {rule.layer} layer
          {rule.precision !== null && `, right in ${percent(rule.precision)} of measured findings`}
          {!rule.enabled && ", switched off"}
        </span>
      </div>
      <h1 className="title">{humanName(rule.name)}</h1>
      <p className={styles.lead}>
        <Sentence>{rule.summary}</Sentence>
      </p>
      {data.sections.map((section) => (
        <section key={section.title} className={styles.section}>
          <h2 className="section">{section.title}</h2>
          {section.paragraphs.map((paragraph) => (
            <p key={paragraph}>
              <Sentence>{paragraph}</Sentence>
            </p>
          ))}
        </section>
      ))}
      <Seen rule={rule} />
      <CommandLine command={line("explain", rule.code)} />
    </main>
  );
}

/** Where it spoke up in the store that is served. */
function Seen({ rule }: { readonly rule: Rule }) {
  const { code } = rule;
  const query = word("code", code);
  const { data } = useQuery(problemsQuery(query));
  const groups = (data?.items ?? []).filter((problem) => problem.code === code);
  if (data === undefined) return null;
  return (
    <section className={styles.section}>
      <h2 className="section">In this store</h2>
      {rule.runs === 0 ? (
        <p>No stored run has a finding with {code}.</p>
      ) : (
        <ul className={styles.groups}>
          {groups.map((problem) => (
            <li key={`${problem.pipeline} ${problem.sentence}`}>
              <Link to="/runs/$runId" params={{ runId: problem.example_id }} className="link">
                <Sentence>{problem.sentence}</Sentence>
              </Link>
              <span className="t3 num">{counted(problem.runs, "run")}</span>
            </li>
          ))}
        </ul>
      )}
      {rule.runs > 0 && (
        <Link to="/runs" search={{ q: query }} className="link">
          {counted(rule.findings, "finding")} in {counted(rule.runs, "run")}
        </Link>
      )}
    </section>
  );
}
