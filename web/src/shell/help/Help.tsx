import { useEffect, useRef, useState } from "react";
import { boundKeys, keysAreOff, switchKeys } from "../../keyboard/keys";
import styles from "./Help.module.css";

/** Every key that does something here. */
export default function Help({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [off, setOff] = useState(keysAreOff);
  const inner = useRef<HTMLDivElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    inner.current?.focus();
  }, []);
  return (
    <dialog ref={dialog} className={styles.sheet} aria-label="Keys" onClose={onClose} onClick={(event) => event.target === dialog.current && onClose()}>
      <div ref={inner} className={styles.inner} tabIndex={-1}>
        <div className="row">
          <h2 className="section grow">Keys on this page</h2>
          <kbd>esc</kbd>
        </div>
        <dl className={styles.keys}>
          {boundKeys().map((binding) => (
            <div key={binding.keys} className={styles.pair}>
              <dt>
                {binding.keys.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{binding.what}</dd>
            </div>
          ))}
        </dl>
        <label className={styles.switch}>
          <input
            type="checkbox"
            checked={!off}
            onChange={(event) => {
              switchKeys(event.target.checked);
              setOff(!event.target.checked);
            }}
          />
          Single keys do something outside of fields. ⌘K always does.
        </label>
      </div>
    </dialog>
  );
}
