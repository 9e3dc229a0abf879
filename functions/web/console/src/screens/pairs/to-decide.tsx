import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError, type ApiError } from "~/api/problem";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { SearchAnother } from "../tracks/search";

type Pair = Schemas["Pair"];
type Track = Schemas["PairTrack"];

/** Recordings of which nobody knows what they are on the other side: search, paste a link, or leave them out, for good. */
export function ToDecide({ one }: { one: Pair }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const open = useSignal<Track | null>(null);
  const decided = useSignal<ReadonlySet<number>>(new Set());
  const pages = usePages<Track>(`pairs/${one.id}/review/${one.checked_at}`, (cursor) =>
    api.GET("/v1/pairs/{pair_id}/tracks", { params: { path: { pair_id: one.id }, query: { only: "review", limit: 50, cursor } } }),
  );
  const items = pages.items.value.filter((track) => !decided.value.has(track.id));
  const failure = error.value ?? pages.error.value;
  if (!items.length) return failure ? <Failure error={failure} retry={() => void pages.more()} /> : null;
  const sidesOf = (track: Track) => (track.left_track_id === null ? { here: one.right, there: one.left } : { here: one.left, there: one.right });
  const decide = async (track: Track, link: string | null) => {
    const { here, there } = sidesOf(track);
    error.value = null;
    busy.value = true;
    try {
      const body = {
        source_provider: here.provider, source_id: track.left_track_id ?? track.right_track_id ?? "",
        source_title: track.title, source_artist: track.artist, target_provider: there.provider, target_id: null, target_link: link,
      };
      await call(api.POST("/v1/migrations/rules", { body, headers: once() }));
      decided.value = new Set([...decided.value, track.id]);
      open.value = null;
      toast(link === null ? "Left out. Remembered for later moves and runs." : "Taken. The next run writes it, and later moves know it.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    busy.value = false;
  };
  return (
    <Section title="To look at" count={items.length}>
      {failure && <Failure error={failure} />}
      <ul class="card rows">
        {items.map((track) => (
          <li key={track.id}>
            <span class="what">
              <span class="strong"><bdi>{track.title}</bdi></span>
              <span class="small"><bdi>{track.artist}</bdi> · what it is at {serviceName(sidesOf(track).there.provider)} is not certain</span>
            </span>
            <Button compact onClick={() => (open.value = track)} label={`Choose what ${track.title} is`}>Choose</Button>
            <Button compact onClick={() => void decide(track, null)} label={`Leave out ${track.title}`}>Leave out</Button>
          </li>
        ))}
      </ul>
      {open.value && (
        <Choose
          track={open.value} provider={sidesOf(open.value).there.provider} busy={busy.value} error={error.value}
          onTake={(link) => void decide(open.value!, link)} onClose={() => (open.value = null)}
        />
      )}
      {!pages.complete.value && <Button compact onClick={() => void pages.more()}>Show more of {count(pages.items.value.length, "track")}</Button>}
    </Section>
  );
}

interface ChooseProps {
  track: Track;
  provider: string;
  busy: boolean;
  error: ApiError | null;
  onTake: (link: string) => void;
  onClose: () => void;
}

/** Another counterpart, by a search at the other service or by a link there. */
function Choose({ track, provider, busy, error, onTake, onClose }: ChooseProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const link = String(new FormData(event.currentTarget as HTMLFormElement).get("link")).trim();
    if (link) onTake(link);
  };
  return (
    <Dialog title={`What it is at ${serviceName(provider)}`} onClose={onClose}>
      <p>“<bdi>{track.title}</bdi>” · <bdi>{track.artist}</bdi></p>
      {error && <Failure error={error} />}
      <SearchAnother provider={provider} about={`${track.artist} ${track.title}`.trim()} busy={busy} onTake={onTake} />
      <form class="stack" onSubmit={submit}>
        <Field label={`Or a link at ${serviceName(provider)}`} name="link" type="url" required autocomplete="off" hint="It costs no search." />
        <div class="row end"><Button onClick={onClose}>Cancel</Button><Button submit busy={busy}>Take the link</Button></div>
      </form>
    </Dialog>
  );
}
