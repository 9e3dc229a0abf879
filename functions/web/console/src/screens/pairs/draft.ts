/** A pair that is being made, kept in this tab while a service's consent page is open: ids and names only. */
import type { Schemas } from "~/api/client";

export interface Side {
  provider: string;
  playlist_id: string;
  name: string;
}

export interface PairDraft {
  left: Side | null;
  right: Side | null;
  mode: Schemas["Pair"]["mode"];
  schedule: Schemas["Pair"]["schedule"];
}

const STORED = "pair-draft";
const EMPTY: PairDraft = { left: null, right: null, mode: "add_only", schedule: "daily" };

export function restored(): PairDraft {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(STORED) ?? "{}") as Partial<PairDraft>) };
  } catch {
    return EMPTY;
  }
}

export function stored(draft: PairDraft | null): void {
  if (draft) sessionStorage.setItem(STORED, JSON.stringify(draft));
  else sessionStorage.removeItem(STORED);
}

/** Begin with a playlist that is known, and where it was moved to, if it was. */
export function begin(one: Schemas["PlaylistSnapshot"]): void {
  stored({ ...EMPTY, left: { provider: one.provider, playlist_id: one.provider_playlist_id, name: one.name }, right: counterpartOf(one) });
}

export function counterpartOf(one: Schemas["PlaylistSnapshot"]): Side | null {
  const target = one.targets[0];
  return target ? { provider: target.provider, playlist_id: target.provider_playlist_id, name: target.name } : null;
}
