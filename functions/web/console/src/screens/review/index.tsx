import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { useQuery } from "~/api/query";
import { useKeys } from "~/keys";
import { search, setQuery, type Params } from "~/router";
import { length } from "~/text/times";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Segments } from "~/ui/field";
import { Head, Outside } from "~/ui/page";
import { Service, serviceName } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { undoLast } from "~/ui/toast";
import { AcceptMany } from "./accept-many";
import { Candidate, sentence } from "./candidate";
import { decide, decided } from "./decide";
import { Marked } from "./marked";
import { PasteLink } from "./paste";
import "./review.css";

type Track = Schemas["MigratedTrack"];

const PAGE = 100;
/** So many are read before they are needed. */
const AHEAD = 15;
const MAX_KINDS = 4;

/** Names of what speaks against a match, for those worth a filter. */
const KINDS: Record<string, string> = {
  "length-differs": "Length differs", "version-of-one": "Other version", "version-other": "Other version name",
  "version-of-album": "Other album version", "rival-as-high": "Two equally good", "title-in-part": "Title differs in part",
  "title-other": "Other title", "artist-other": "Other artist", "channel-other": "Not the artist’s channel",
  "artist-in-part": "Artist in part", "artist-unnamed": "Artist not named", "guest-other": "Other guest", "guest-missing": "Guest missing",
  "title-translated": "Other script", "words-differ": "Clean or explicit", "nothing-found": "Nothing found", "not-in-catalogue": "Not in its catalogue",
};

/** One at a time: what was yours, what was found, one key to decide. */
export default function Review({ params }: { params: Params }) {
  const id = params.id ? Number(params.id) : null;
  const playlist = Number(search.value.get("playlist")) || undefined;
  const kind = search.value.get("kind") ?? "";
  const key = `review/${id}/${playlist}/${kind}`;
  const query = { outcome: "needs_review" as const, reason: kind || undefined, playlist_id: playlist, limit: PAGE };
  const pages = usePages<Track>(key, (cursor) =>
    id === null
      ? api.GET("/v1/migrations/tracks", { params: { query: { ...query, cursor } } })
      : api.GET("/v1/migrations/{migration_id}/tracks", { params: { path: { migration_id: id }, query: { ...query, cursor } } }),
  );
  const counts = useQuery(`migrations/counts/${id}/${playlist}`, (headers) =>
    api.GET("/v1/migrations/tracks/counts", { params: { query: { migration_id: id ?? undefined, playlist_id: playlist } }, headers }),
  );
  const items = useSignal<readonly Track[]>([]);
  items.value = pages.items.value;
  const queue = useComputed(() => items.value.filter((one) => !decided.value.has(one.id)));
  const at = useSignal(0);
  const dialog = useSignal<"many" | "link" | null>(null);
  const left = queue.value.length;
  const place = Math.min(at.value, Math.max(0, left - 1));
  const track = queue.value[place];

  useEffect(() => {
    at.value = 0;
  }, [key]);
  useEffect(() => {
    if (left - place < AHEAD) void pages.more();
  }, [left, place]);

  const take = (number: number) => {
    const found = track?.candidates[number - 1];
    if (track && found) decide(track, { candidate: found.id }, "Taken. Remembered for later moves.");
  };
  const leaveOut = () => {
    if (track) decide(track, { leave_out: true }, "Left out. Remembered for later moves.");
  };
  const go = (step: number) => (at.value = Math.max(0, Math.min(left - 1, place + step)));
  useKeys([
    ...[1, 2, 3, 4, 5].map((number) => ({ key: String(number), name: String(number), what: `Take number ${number}`, run: () => take(number) })),
    { key: "x", name: "X", what: "Leave out", run: leaveOut },
    { key: "/", name: "/", what: "Paste a link", run: () => (dialog.value = "link") },
    { key: "u", name: "U", what: "Undo the last decision", run: () => void undoLast() },
    { key: "j", name: "J", what: "Next", run: () => go(1) },
    { key: "k", name: "K", what: "Previous", run: () => go(-1) },
  ]);

  const total = Math.max(left, (counts.data.value?.outcomes.needs_review ?? 0) - decided.value.size);
  const kinds = Object.entries(counts.data.value?.reasons ?? {})
    .filter(([code]) => code in KINDS)
    .sort((one, other) => other[1] - one[1])
    .slice(0, MAX_KINDS);
  const back = id === null ? { href: "/app/moves", label: "Moves" } : { href: `/app/moves/${id}`, label: "The move" };
  if (pages.error.value && !items.value.length) return <Failure error={pages.error.value} retry={() => void pages.more()} />;
  if (!track) {
    if (!pages.complete.value) return <><Head title="To look at" back={back} /><Skeleton rows={6} /></>;
    return (
      <>
        <Head title="To look at" back={back} />
        <Empty icon="check" title="Everything is decided" action={<ButtonLink href={back.href}>{back.label}</ButtonLink>}>
          {kind ? "Of this kind nothing is left." : "What you decided is written at its place, within minutes."}
        </Empty>
      </>
    );
  }
  return (
    <>
      <Head title={`${(kind ? left : total).toLocaleString()} to look at`} back={back} actions={<Button icon="check" onClick={() => (dialog.value = "many")}>Accept many</Button>} />
      <div class="row review-bar">
        {kinds.length > 1 && (
          <Segments
            label="Which ones"
            value={kind}
            onChange={(value) => setQuery({ kind: value })}
            choices={[{ value: "", label: "All" }, ...kinds.map(([code, number]) => ({ value: code, label: KINDS[code]!, count: number }))]}
          />
        )}
        <span class="push small soft" aria-live="polite">{place + 1} of {(kind ? left : total).toLocaleString()}</span>
      </div>
      <div class="review">
        <div class="stack yours">
          <Yours track={track} />
          <Next queue={queue.value} place={place} onGo={(to) => (at.value = to)} />
        </div>
        <div class="stack">
          {track.candidates.length ? (
            <ol class="card" aria-label={`Found at ${serviceName(track.target_provider)}`}>
              {track.candidates.slice(0, 5).map((one, index) => (
                <Candidate key={one.id} track={track} one={one} number={index + 1} onTake={() => take(index + 1)} />
              ))}
            </ol>
          ) : (
            <Empty icon="search" title="Nothing close was found">Paste a link to it, or leave it out.</Empty>
          )}
          <div class="actions review-actions">
            <Button icon="cross" shortcut="X" onClick={leaveOut}>Leave out</Button>
            <Button icon="link" shortcut="/" onClick={() => (dialog.value = "link")}>Paste a link</Button>
            <span class="push row">
              <Button look="quiet" icon="back" label="Previous" shortcut="K" onClick={() => go(-1)} />
              <Button look="quiet" icon="next" label="Next" shortcut="J" onClick={() => go(1)} />
            </span>
          </div>
          <p class="small soft">Your decision holds for every later move of this track. It is written at its place, not at the end; nothing waits for you.</p>
        </div>
      </div>
      {dialog.value === "many" && <AcceptMany queue={queue.value} complete={pages.complete.value} readAll={pages.all} onClose={() => (dialog.value = null)} />}
      {dialog.value === "link" && <PasteLink track={track} onClose={() => (dialog.value = null)} />}
    </>
  );
}

function Yours({ track }: { track: Track }) {
  const { source } = track;
  return (
    <section class="card pad stack tight" aria-label="Yours" aria-live="polite">
      <p class="small soft"><Service provider={track.source_provider} /> · <bdi>{track.playlist_name}</bdi>, place {(track.position + 1).toLocaleString()}</p>
      <h2 class="big"><Marked title={track.source_title} reasons={track.candidates[0]?.reason_details ?? track.reason_details} side="source" /></h2>
      <p><bdi>{track.source_artist}</bdi></p>
      <dl class="facts">
        {source.album && <><dt>Album</dt><dd><bdi>{source.album}</bdi></dd></>}
        {source.duration_ms != null && <><dt>Length</dt><dd>{length(source.duration_ms)}</dd></>}
        {source.isrc && <><dt>ISRC</dt><dd><code>{source.isrc}</code></dd></>}
      </dl>
      {!track.candidates.length && track.reason_details.map((one) => <p class="small soft" key={one.text}>{sentence(one.text)}</p>)}
      {source.url && <p class="small"><Outside href={source.url}>Listen at {serviceName(track.source_provider)}</Outside></p>}
    </section>
  );
}

function Next({ queue, place, onGo }: { queue: readonly Track[]; place: number; onGo: (to: number) => void }) {
  const from = Math.max(0, Math.min(place, queue.length - 8));
  return (
    <nav class="queue" aria-label={`Next, of ${count(queue.length, "track")}`}>
      <h2 class="small soft">Next</h2>
      <ul>
        {queue.slice(from, from + 8).map((one, index) => (
          <li key={one.id}>
            <button type="button" class="line" aria-current={from + index === place ? "true" : undefined} onClick={() => onGo(from + index)}>
              <bdi>{one.source_title}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
