import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError, type ApiError } from "~/api/problem";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";

type Pair = Schemas["Pair"];
type Track = Schemas["PairTrack"];

/** Recordings of which nobody knows what they are on the other side: leave them out, for good. */
export function ToDecide({ one }: { one: Pair }) {
  const error = useSignal<ApiError | null>(null);
  const decided = useSignal<ReadonlySet<number>>(new Set());
  const pages = usePages<Track>(`pairs/${one.id}/review/${one.checked_at}`, (cursor) =>
    api.GET("/v1/pairs/{pair_id}/tracks", { params: { path: { pair_id: one.id }, query: { only: "review", limit: 50, cursor } } }),
  );
  const items = pages.items.value.filter((track) => !decided.value.has(track.id));
  const failure = error.value ?? pages.error.value;
  if (!items.length) return failure ? <Failure error={failure} retry={() => void pages.more()} /> : null;
  const leaveOut = async (track: Track) => {
    const here = track.left_track_id === null ? one.right : one.left;
    const there = here === one.left ? one.right : one.left;
    error.value = null;
    try {
      const body = {
        source_provider: here.provider, source_id: track.left_track_id ?? track.right_track_id ?? "",
        source_title: track.title, source_artist: track.artist, target_provider: there.provider, target_id: null,
      };
      await call(api.POST("/v1/migrations/rules", { body, headers: once() }));
      decided.value = new Set([...decided.value, track.id]);
      toast("Left out. Remembered for later moves and runs.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <Section title="To look at" count={items.length}>
      {failure && <Failure error={failure} />}
      <ul class="card rows">
        {items.map((track) => (
          <li key={track.id}>
            <span class="what">
              <span class="strong"><bdi>{track.title}</bdi></span>
              <span class="small"><bdi>{track.artist}</bdi> · what it is at {serviceName((track.left_track_id === null ? one.left : one.right).provider)} is not certain</span>
            </span>
            <Button compact onClick={() => void leaveOut(track)} label={`Leave out ${track.title}`}>Leave out</Button>
          </li>
        ))}
      </ul>
      {!pages.complete.value && <Button compact onClick={() => void pages.more()}>Show more of {count(pages.items.value.length, "track")}</Button>}
    </Section>
  );
}
