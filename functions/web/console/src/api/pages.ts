/** A list that is read page by page, as far as it is looked at. */
import { batch, type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { call } from "./client";
import { type ApiError, asApiError, RETRY_MS } from "./problem";

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Pages<T> {
  readonly items: Signal<T[]>;
  readonly error: Signal<ApiError | null>;
  readonly loading: Signal<boolean>;
  /** Whether the last page has come. */
  readonly complete: Signal<boolean>;
  /** Read the next page. */
  more(): Promise<void>;
  /** Read every page that is left. */
  all(): Promise<void>;
  restart(): Promise<void>;
}

type Load<T> = (cursor: string | undefined) => Promise<{ data?: Page<T>; error?: unknown; response: Response }>;

/** Read a list while a component shows it; another key is another list. */
export function usePages<T>(key: string, load: Load<T>, everything = false): Pages<T> {
  const pages = useMemo(() => makePages(load), [key]);
  useEffect(() => {
    void (everything ? pages.all() : pages.more());
    return () => pages.stop();
  }, [pages]);
  return pages;
}

function makePages<T>(load: Load<T>): Pages<T> & { stop(): void } {
  const items = signal<T[]>([]);
  const error = signal<ApiError | null>(null);
  const loading = signal(false);
  const complete = signal(false);
  let cursor: string | undefined;
  let round = 0;
  let pending: Promise<void> | null = null;
  let timer = 0;
  let tries = 0;
  let wantsAll = false;

  function again(): void {
    const wait = RETRY_MS[tries];
    if (wait === undefined) return;
    tries += 1;
    timer = window.setTimeout(() => void (wantsAll ? pages.all() : pages.more()), wait);
  }

  async function next(): Promise<void> {
    const own = round;
    loading.value = true;
    try {
      const page = await call(load(cursor));
      if (own !== round) return;
      cursor = page.next_cursor ?? undefined;
      batch(() => {
        items.value = items.value.concat(page.items);
        complete.value = cursor === undefined;
        error.value = null;
      });
      tries = 0;
    } catch (thrown) {
      if (own !== round) return;
      error.value = asApiError(thrown);
      if (error.value.isPassing) again();
    } finally {
      loading.value = false;
      pending = null;
    }
  }
  const more = () => (complete.value ? Promise.resolve() : (pending ??= next()));
  const pages = {
    items,
    error,
    loading,
    complete,
    more,
    async all() {
      wantsAll = true;
      const own = round;
      while (own === round && !complete.value) {
        await more();
        if (error.value) return; // it is tried again by itself, and goes on with all
      }
    },
    async restart() {
      round += 1;
      window.clearTimeout(timer);
      cursor = undefined;
      pending = null;
      complete.value = false;
      items.value = [];
      await more();
    },
    stop() {
      round += 1;
      window.clearTimeout(timer);
    },
  };
  return pages;
}
