import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Menu, Moon, Search, Sun } from "lucide-react";
import { useState } from "react";
import { metaQuery } from "../api/queries";
import { counted } from "../format/count";
import { visible } from "../format/hostile";
import { useKeys } from "../keyboard/useKeys";
import { useLive } from "../live/LiveProvider";
import { Mark } from "../parts/Glyph";
import { PAGES } from "./pages";
import { openPalette } from "./palette/offers";
import { switchTheme, useTheme } from "./theme";
import styles from "./TopBar.module.css";

export function TopBar() {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const theme = useTheme();
  useKeys(
    PAGES.map((page) => ({ keys: `g ${page.key}`, what: `Go to ${page.name}`, run: () => void navigate({ to: page.to }) })),
  );
  const Sky = theme === "dark" ? Moon : Sun;
  return (
    <header className={styles.top}>
      <Link to="/runs" className={styles.brand} aria-label="ARGUS, all runs">
        <Mark />
        ARGUS
      </Link>
      <nav className={open ? `${styles.nav} ${styles.unfolded}` : styles.nav} aria-label="Pages">
        {PAGES.map((page) => (
          <Link key={page.to} to={page.to} className={styles.link} activeProps={{ className: styles.on, "aria-current": "page" }} onClick={() => setOpen(false)}>
            {page.name}
          </Link>
        ))}
      </nav>
      <span className={styles.gap} />
      <button type="button" className={styles.jump} onClick={openPalette}>
        <Search size={14} strokeWidth={1.5} aria-hidden />
        <span className="grow">Search or jump to</span>
        <kbd>⌘K</kbd>
      </button>
      <Store />
      <button type="button" className="iconbtn" aria-label={theme === "dark" ? "Switch to light" : "Switch to dark"} onClick={switchTheme}>
        <Sky size={16} strokeWidth={1.5} aria-hidden />
      </button>
      <button type="button" className={`iconbtn ${styles.menu}`} aria-label="Menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Menu size={16} strokeWidth={1.5} aria-hidden />
      </button>
    </header>
  );
}

const WORDS = { live: "Live", connecting: "Connecting", away: "Server away" } as const;

function Store() {
  const { state } = useLive();
  const { data } = useQuery(metaQuery);
  return (
    <span className={styles.store}>
      <span className={state === "live" ? styles.dot : styles.off} />
      <span className={styles.words}>
        {WORDS[state]}
        {data !== undefined && (
          <>
            {" · "}
            <code title={visible(data.store)}>{visible(shortened(data.store))}</code>
            {" · "}
            <span className="num">{counted(data.trace_count, "run")}</span>
          </>
        )}
      </span>
    </span>
  );
}

/** The end of a long address is what tells stores apart. */
function shortened(store: string): string {
  const path = store.replace(/^sqlite:\/{2,3}/, "");
  return path.length > 36 ? `…${path.slice(-35)}` : path;
}
