/** What somebody has chosen to move, kept while this tab is open: ids only, nothing secret. */
import { effect, signal } from "@preact/signals";

export interface Draft {
  from: string;
  /** The service's own ids, in the order in which they were chosen. */
  playlists: string[];
  names: string[];
  tracks: number;
  /** Whether the artists whom the person follows move, too. */
  artists?: boolean;
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
