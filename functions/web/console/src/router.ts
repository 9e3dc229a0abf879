/** Addresses: which screen stands at which path, and going from one to the next without losing the place. */
import { computed, signal } from "@preact/signals";
import type { ComponentType } from "preact";

export const BASE = "/app";

export type Params = Record<string, string>;
export type Screen = ComponentType<{ params: Params }>;
type Loader = () => Promise<{ default: Screen }>;

export interface Route {
  /** Below /app: `/moves/:id/review`. */
  path: string;
  load: Loader;
  /** Whether it is shown to whoever is not signed in. */
  open?: boolean;
  /** The entry of the navigation that it belongs to. */
  section?: string;
}

const here = signal(new URL(location.href));

export const path = computed(() => here.value.pathname);
export const search = computed(() => here.value.searchParams);

/** What is asked before a place is left; false keeps the person there. */
let guard: (() => boolean) | null = null;

export function setGuard(ask: (() => boolean) | null): void {
  guard = ask;
}

/** Go to a place: a path with /app, or one on this site that is not the console's. */
export function go(to: string, options: { replace?: boolean; keepScroll?: boolean } = {}): void {
  const url = new URL(to, here.value);
  if (url.origin !== location.origin || !isOurs(url.pathname)) {
    location.assign(url);
    return;
  }
  if (guard && url.pathname !== here.value.pathname && !guard()) return;
  if (options.replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  arrive(url, !options.keepScroll);
}

/** Change the query string of this place, leaving out what is empty. */
export function setQuery(values: Record<string, string | null>): void {
  const url = new URL(here.value);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  history.replaceState(null, "", url);
  here.value = url;
}

function arrive(url: URL, toTop: boolean): void {
  const moved = url.pathname !== here.value.pathname;
  here.value = url;
  if (moved && toTop) {
    scrollTo(0, 0);
    // Screen readers are told of the new page by its heading.
    requestAnimationFrame(() => document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true }));
  }
}

function isOurs(pathname: string): boolean {
  return pathname === "/" || pathname === BASE || pathname.startsWith(`${BASE}/`);
}

/** Follow clicks on links to our own places, and the browser's Back. */
export function start(): void {
  addEventListener("popstate", () => {
    here.value = new URL(location.href);
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || link.target || link.hasAttribute("download")) return;
    if (link.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    if (link.origin !== location.origin || !isOurs(link.pathname)) return;
    event.preventDefault();
    go(link.href);
  });
}

/** The route of a path, and what its names stand for. */
export function match(routes: readonly Route[], pathname: string): { route: Route; params: Params } | null {
  const parts = pathname.replace(BASE, "").split("/").filter(Boolean);
  for (const route of routes) {
    const wanted = route.path.split("/").filter(Boolean);
    if (wanted.length !== parts.length) continue;
    const params: Params = {};
    const fits = wanted.every((part, at) => {
      if (!part.startsWith(":")) return part === parts[at];
      params[part.slice(1)] = decodeURIComponent(parts[at] ?? "");
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}
