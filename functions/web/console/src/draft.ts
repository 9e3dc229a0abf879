/** What somebody has chosen to move, kept while this tab is open: ids only, nothing secret. */
import { effect, signal } from "@preact/signals";
import { forgetToo } from "./api/query";

/** Parts of a library that move as a whole. */
export type LibraryPart = "artists" | "albums";

export interface Draft {
  from: string;
  /** The service's own ids, in the order in which they were chosen. */
  playlists: string[];
  names: string[];
  tracks: number;
  /** What of the person's library moves, too. */
  library?: LibraryPart[];
}

const STORED = "move-draft";

function restored(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

export const draft = signal<Draft | null>(restored());

effect(() => {
  if (draft.value) sessionStorage.setItem(STORED, JSON.stringify(draft.value));
  else sessionStorage.removeItem(STORED);
});

/** Playlists that were chosen to be taken as a file, until the file is asked for. */
export const toExport = signal<{ provider: string; playlists: string[]; names: string[] } | null>(null);

forgetToo(() => {
  draft.value = null;
  toExport.value = null;
});
