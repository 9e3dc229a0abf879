/**
 * Decisions about tracks: shown at once, sent in their order, taken back as long as the last one can be.
 * What the server refuses comes back into the list, with its reason.
 */
import { signal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError } from "~/api/problem";
import { invalidate } from "~/api/query";
import { toReview } from "~/review-count";
import { toast } from "~/ui/toast";

type Track = Schemas["MigratedTrack"];
export type Resolution = Schemas["Resolution"];

/** Ids of tracks that were decided while this page is open. */
export const decided = signal<ReadonlySet<number>>(new Set());

let sending: Promise<void> = Promise.resolve();

function mark(id: number, isDecided: boolean): void {
  const next = new Set(decided.value);
  if (isDecided) next.add(id);
  else next.delete(id);
  if (next.size !== decided.value.size) toReview.value = Math.max(0, toReview.value + (isDecided ? -1 : 1));
  decided.value = next;
}

/** Decide about one track; the next one can be decided before the answer is here. */
export function decide(track: Track, body: Resolution, said: string): void {
  const path = { migration_id: track.migration_id, track_id: track.id };
  mark(track.id, true);
  let failed = false;
  sending = sending.then(async () => {
    try {
      await call(api.POST("/v1/migrations/{migration_id}/tracks/{track_id}/resolve", { params: { path }, body }));
    } catch (thrown) {
      failed = true;
      mark(track.id, false);
      toast(`“${track.source_title}” could not be decided: ${asApiError(thrown).message}`);
    }
  });
  toast(said, () => {
    sending = sending.then(async () => {
      if (failed) return;
      try {
        await call(api.POST("/v1/migrations/{migration_id}/tracks/{track_id}/undo", { params: { path } }));
        mark(track.id, false);
      } catch (thrown) {
        toast(`That could not be taken back: ${asApiError(thrown).message}`);
      }
    });
  });
}

const BATCH = 100;

/** Take the best candidate of many tracks; give how many were taken. */
export async function takeBest(tracks: readonly Track[]): Promise<number> {
  let taken = 0;
  for (let at = 0; at < tracks.length; at += BATCH) {
    const choices = tracks.slice(at, at + BATCH).map((one) => ({ track_id: one.id, best: true }));
    const results = await call(api.POST("/v1/migrations/tracks/resolve", { body: { choices } }));
    for (const result of results.items) {
      if (result.status === "refused") continue;
      mark(result.track_id, true);
      taken += 1;
    }
  }
  invalidate("home");
  invalidate("migrations");
  return taken;
}
