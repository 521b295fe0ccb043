import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metaQuery, settingsQuery } from "../../api/queries";
import type { Setting } from "../../api/types";
import { counted, spelled } from "../../format/count";
import { visible } from "../../format/hostile";
import { CommandLine } from "../../parts/Copy";
import { Sentence } from "../../parts/Sentence";
import { Segmented } from "../../parts/Segmented";
import { Failure, Waiting } from "../../parts/States";
import { useCommand } from "../../parts/useCommand";
import { Text } from "../../parts/Text";
import { useTitle } from "../../shell/title";
import { bySection, isDefault, shownValue } from "./settings";
import styles from "./SettingsPage.module.css";

/** Where does this value come from? */
export default function SettingsPage() {
  const { data, error, refetch } = useQuery(settingsQuery);
  const { data: meta } = useQuery(metaQuery);
  const line = useCommand();
  const [which, setWhich] = useState<"all" | "set">("all");
  const [wanted, setWanted] = useState("");
  useTitle("Settings");
  if (error !== null && data === undefined) {
    return (
      <main className="page">
        <Failure error={error} what="The settings could not be loaded." retry={() => void refetch()} command={line("doctor")} />
      </main>
    );
  }
  const settings = data?.items ?? [];
  const set = settings.filter((setting) => !isDefault(setting));
  const shown = (which === "set" ? set : settings).filter((setting) => `${setting.key} ${setting.description}`.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <main className="page">
      <h1 className="title">{data === undefined ? "Settings" : headline(set.length, settings.length)}</h1>
      <p className={styles.detail}>
        Read only: values come from arguments, the environment and <code>argus.yaml</code>, in this order.
        {meta !== undefined && (
          <>
            {" "}
            Serving <code>{visible(meta.store)}</code>, ARGUS {meta.version}.
          </>
        )}
      </p>
      {meta !== undefined && meta.problems.length > 0 && (
        <ul className={styles.problems} aria-label="Problems of the configuration">
          {meta.problems.map((problem) => (
            <li key={problem}>
              <Text>{problem}</Text>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.tools}>
        <input className={styles.find} type="search" aria-label="Find a setting" placeholder="Find a setting" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <Segmented
          label="Which settings"
          value={which}
          onChange={setWhich}
          choices={[
            { value: "all", label: <>All <span className="num">{settings.length}</span></> },
            { value: "set", label: <>Changed <span className="num">{set.length}</span></> },
          ]}
        />
      </div>
      {data === undefined ? (
        <Waiting rows={10} what="Loading the settings" />
      ) : (
        bySection(shown).map(([section, list]) => (
          <section key={section} aria-label={section} className={styles.section}>
            <h2 className={styles.name}>{section}</h2>
            <dl className={styles.list}>
              {list.map((setting) => (
                <Line key={setting.key} setting={setting} />
              ))}
            </dl>
          </section>
        ))
      )}
      {data !== undefined && shown.length === 0 && <p className="t3">No setting matches.</p>}
      <div className={styles.command}>
        <CommandLine command={line("doctor")} />
      </div>
    </main>
  );
}

function headline(set: number, all: number): string {
  if (set === 0) return `All ${counted(all, "setting")} are as they come.`;
  return `${spelled(set)} of ${counted(all, "setting")} ${set === 1 ? "is" : "are"} changed here.`;
}

function Line({ setting }: { readonly setting: Setting }) {
  const plain = isDefault(setting);
  return (
    <div className={plain ? styles.line : `${styles.line} ${styles.set}`}>
      <dt>
        <code>{setting.key}</code>
        <span className={styles.description}>
          <Sentence>{setting.description}</Sentence>
        </span>
      </dt>
      <dd className={styles.value}>
        <code>
          <Text>{shownValue(setting.value)}</Text>
        </code>
      </dd>
      <dd className={styles.source}>{plain ? "default" : <code><Text>{setting.source}</Text></code>}</dd>
    </div>
  );
}
