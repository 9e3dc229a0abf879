/**
 * What a screen reads: remembered while the person is signed in, shown at once when they come back, asked again
 * by its ETag, and watched while it changes.
 */
import { batch, type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { callUnlessKnown } from "./client";
import { type ApiError, asApiError, RETRY_MS } from "./problem";

export interface Query<T> {
  readonly data: Signal<T | null>;
  readonly error: Signal<ApiError | null>;
  readonly loading: Signal<boolean>;
  reload(): Promise<void>;
  /** Show a value before the server says so, for example after a change whose answer it is. */
  set(value: T): void;
}

type Load<T> = (headers: Record<string, string>) => Promise<{ data?: T; error?: unknown; response: Response }>;

interface Entry<T> extends Query<T> {
  etag: string | null;
  pending: Promise<void> | null;
  load: Load<T>;
}

const known = new Map<string, Entry<unknown>>();

/** How long to wait before asking again, ms; null for never. Given the last answer. */
export type Interval<T> = (data: T) => number | null;

export const WHILE_RUNNING_MS = 2_000;
export const WHILE_WAITING_MS = 30_000;

const others: (() => void)[] = [];

/** Have something else forgotten together with what was read. */
export function forgetToo(act: () => void): void {
  others.push(act);
}

/** Forget everything that was read: what one person saw is not the next one's. */
export function forgetAll(): void {
  known.clear();
  for (const act of others) act();
}

/** Ask again for everything whose key begins so, when it is next looked at. */
export function invalidate(prefix: string): void {
  for (const [key, entry] of known) if (key.startsWith(prefix)) void entry.reload();
}

export function query<T>(key: string, load: Load<T>): Query<T> {
  const found = known.get(key) as Entry<T> | undefined;
  if (found) {
    found.load = load;
    return found;
  }
  const entry: Entry<T> = {
    data: signal<T | null>(null),
    error: signal<ApiError | null>(null),
    loading: signal(false),
    etag: null,
    pending: null,
    load,
    reload: () => (entry.pending ??= ask(entry)),
    set: (value) => {
      entry.etag = null;
      entry.data.value = value;
    },
  };
  known.set(key, entry as Entry<unknown>);
  return entry;
}

async function ask<T>(entry: Entry<T>): Promise<void> {
  entry.loading.value = true;
  try {
    const fresh = await callUnlessKnown(entry.load(entry.etag ? { "If-None-Match": entry.etag } : {}));
    batch(() => {
      if (fresh) {
        entry.etag = fresh.etag;
        entry.data.value = fresh.data;
      }
      entry.error.value = null;
    });
  } catch (error) {
    entry.error.value = asApiError(error);
  } finally {
    entry.pending = null;
    entry.loading.value = false;
  }
}

/**
 * Read something for as long as a component shows it. With an interval it is asked again while the page is
 * visible, and at once when it becomes visible again.
 */
export function useQuery<T>(key: string, load: Load<T>, interval?: Interval<T>): Query<T> {
  const entry = query(key, load);
  useEffect(() => {
    let timer = 0;
    let ended = false;
    let tries = 0;
    const next = () => {
      if (ended) return;
      window.clearTimeout(timer);
      const data = entry.data.value;
      const error = entry.error.value;
      if (!error) tries = 0;
      const wait = error?.isPassing
        ? (RETRY_MS[tries++] ?? WHILE_WAITING_MS)
        : data === null || !interval
          ? null
          : interval(data);
      if (wait !== null) timer = window.setTimeout(look, Math.min(wait, 2 ** 31 - 1));
    };
    const look = async () => {
      if (document.hidden) return; // goes on with `shown`
      await entry.reload();
      next();
    };
    const shown = () => {
      if (document.hidden) return;
      window.clearTimeout(timer);
      void look();
    };
    void look();
    // What was changed here, by `set`, may have to be watched again although it had ended.
    const unsubscribe = entry.data.subscribe(next);
    document.addEventListener("visibilitychange", shown);
    window.addEventListener("online", shown);
    return () => {
      ended = true;
      unsubscribe();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
      window.removeEventListener("online", shown);
    };
  }, [key]);
  return entry;
}
