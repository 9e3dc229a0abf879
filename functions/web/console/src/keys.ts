/** Keys: those that work everywhere, and those of the screen that is shown. They can be switched off. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { BASE, go } from "./router";

const STORED = "keys-off";
const CHORD_MS = 1_500;

/** Whether single keys do anything (WCAG 2.1.4). A matter of this browser: kept here, not in the account. */
export const enabled = signal(localStorage.getItem(STORED) === null);
export const helpShown = signal(false);

export function setEnabled(value: boolean): void {
  enabled.value = value;
  if (value) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "1");
}

type Handler = (event: KeyboardEvent) => void;

/** A key of a screen: what it is called on the keyboard map, and what it does. */
export interface Key {
  /** As in `KeyboardEvent.key`, letters small; `ctrl+a` with a modifier. */
  key: string;
  name: string;
  what: string;
  run: Handler;
}

export const screenKeys = signal<readonly Key[]>([]);

/** Give a screen its keys while it is shown. Handlers may change with every rendering. */
export function useKeys(keys: readonly Key[]): void {
  useEffect(() => {
    screenKeys.value = keys;
  });
  useEffect(
    () => () => {
      screenKeys.value = [];
    },
    [],
  );
}

const PLACES: Record<string, string> = {
  h: "", p: "/playlists", m: "/moves", s: "/search", l: "/listening", f: "/files",
};

let chordUntil = 0;

export function start(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || !enabled.value || inField(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const key = nameOf(event);
    const own = screenKeys.value.find((one) => one.key === key);
    if (Date.now() < chordUntil && key in PLACES) {
      chordUntil = 0;
      go(BASE + PLACES[key]);
    } else if (own) {
      event.preventDefault();
      own.run(event);
    } else if (key === "g") {
      chordUntil = Date.now() + CHORD_MS;
    } else if (key === "?") {
      helpShown.value = true;
    } else if (key === "/") {
      const filter = document.querySelector<HTMLInputElement>("[data-filter]");
      if (!filter) return;
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  });
}

function nameOf(event: KeyboardEvent): string {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `ctrl+${name}` : name;
}

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
}
