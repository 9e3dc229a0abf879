import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import type { Params } from "~/router";
import { isUnderWay } from "~/text/moves";
import { length, since } from "~/text/times";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Note } from "~/ui/note";
import { Head, Outside, Section } from "~/ui/page";
import { Service, serviceName } from "~/ui/service";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Candidate } from "../review/candidate";
import "../review/review.css";
import { SearchAnother } from "./search";

type Track = Schemas["MigratedTrack"];
type Migration = Schemas["Migration"];

/** One written track: what it was, what stands there now, and another one in its place. */
export default function WrittenTrack({ params }: { params: Params }) {
  const path = { migration_id: Number(params.id), track_id: Number(params.track) };
  const migration = useQuery(
    `migrations/${path.migration_id}`,
    (headers) => api.GET("/v1/migrations/{migration_id}", { params: { path: { migration_id: path.migration_id } }, headers }),
    (one) => (!isUnderWay(one) ? null : one.progress.waiting_until || one.is_paused ? WHILE_WAITING_MS : WHILE_RUNNING_MS),
  );
  const track = useQuery(
    `migrations/${path.migration_id}/track/${path.track_id}`,
    (headers) => api.GET("/v1/migrations/{migration_id}/tracks/{track_id}", { params: { path }, headers }),
    (one) => (one.decision?.status === "queued" || !migration.data.value || isUnderWay(migration.data.value) ? WHILE_RUNNING_MS : null),
  );
  const reload = (value: Migration) => {
    migration.set(value);
    // Twice: the first may only join a request that was sent before the decision.
    void track.reload().then(track.reload);
    invalidate("home");
  };
  return <Loaded query={track}>{(one) => <Content track={one} migration={migration.data.value} onDecided={reload} />}</Loaded>;
}

function Content({ track, migration, onDecided }: { track: Track; migration: Migration | null; onDecided: (value: Migration) => void }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const dialog = useSignal<"link" | "out" | null>(null);
  const target = serviceName(track.target_provider);
  const params = { path: { migration_id: track.migration_id, track_id: track.id } };
  const attempt = async (act: () => Promise<Migration>, said: string) => {
    dialog.value = null;
    error.value = null;
    busy.value = true;
    try {
      onDecided(await act());
      toast(said);
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const undo = () => attempt(() => call(api.POST("/v1/migrations/{migration_id}/tracks/{track_id}/undo", { params, headers: once() })), "Taken back. The one before comes back to its place.");
  const replace = (body: Schemas["Resolution"], said = "It takes the place of the one before.") =>
    attempt(() => call(api.POST("/v1/migrations/{migration_id}/tracks/{track_id}/resolve", { params: { ...params, header: undefined }, body, headers: once() })), said);
  const isRunning = Boolean(migration && isUnderWay(migration)) || track.decision?.status === "queued";
  const others = track.candidates.filter((one) => one.id !== track.target_track_id).slice(0, 5);
  return (
    <>
      <Head
        title="Replace a track"
        back={{ href: `/app/moves/${track.migration_id}/tracks`, label: "What was written" }}
        actions={track.decision && <Button icon="undo" busy={busy.value} onClick={() => void undo()}>Undo</Button>}
      >
        Already at {target}; choose another one and it takes its place.
      </Head>
      {error.value && <div class="stack"><Failure error={error.value} /><span /></div>}
      <div class="review">
        <div class="stack yours">
          <section class="card pad stack tight" aria-label="Yours">
            <p class="small soft"><Service provider={track.source_provider} /> · <bdi>{track.playlist_name}</bdi>, place {(track.position + 1).toLocaleString()}</p>
            <h2 class="big"><bdi>{track.source_title}</bdi></h2>
            <p><bdi>{track.source_artist}</bdi></p>
            <p class="small soft">{track.source.album && <><bdi>{track.source.album}</bdi> · </>}{length(track.source.duration_ms)}</p>
            {track.source.url && <p class="small"><Outside href={track.source.url}>Listen at {serviceName(track.source_provider)}</Outside></p>}
          </section>
        </div>
        <div class="stack wide">
          {track.target ? (
            <Note
              live tone={isRunning ? "go" : "ok"} icon={isRunning ? "run" : "check"}
              title={isRunning ? `Being written at ${target}` : `At ${target} now`}
              actions={track.target.url && <Outside href={track.target.url}>Listen at {target}</Outside>}
            >
              “<bdi>{track.target.title}</bdi>” · <bdi>{track.target.channel ?? track.target.artist}</bdi> {length(track.target.duration_ms)}
              {track.decision && <>, your choice of {since(track.decision.decided_at)}</>}
            </Note>
          ) : (
            <Note live tone="warn" title={`It is left out at ${target}`}>{track.error_message}</Note>
          )}
          {others.length > 0 && (
            <Section title="What else was found">
              <ol class="card" aria-label={`Found at ${target}`}>
                {others.map((one, index) => <Candidate key={one.id} track={track} one={one} number={index + 1} onTake={() => void replace({ candidate: one.id })} />)}
              </ol>
            </Section>
          )}
          <SearchAnother
            provider={track.target_provider} about={`${track.source_artist} ${track.source_title}`.trim()} current={track.target_track_id}
            busy={busy.value} onTake={(link) => void replace({ link })}
          />
          <div class="row">
            <Button icon="link" onClick={() => (dialog.value = "link")}>Paste a link</Button>
            {track.target && <Button look="danger" icon="cross" onClick={() => (dialog.value = "out")}>Leave it out</Button>}
          </div>
          <p class="small soft">
            The new one stands before the old one goes; where {target} refuses it, the old one stays. {track.target_provider === "youtube" && "It counts like two additions of the day."} Remembered for later moves.
          </p>
        </div>
      </div>
      {dialog.value === "link" && <Paste target={target} onClose={() => (dialog.value = null)} onLink={(link) => void replace({ link })} />}
      {dialog.value === "out" && (
        <Dialog title="Leave it out?" onClose={() => (dialog.value = null)}>
          <p>“<bdi>{track.target?.title}</bdi>” is taken out at {target}. You can undo that here.</p>
          <div class="row end">
            <Button onClick={() => (dialog.value = null)}>Leave it there</Button>
            <Button look="danger" onClick={() => void replace({ leave_out: true }, "It is being taken out.")}>Remove 1</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Paste({ target, onClose, onLink }: { target: string; onClose: () => void; onLink: (link: string) => void }) {
  return (
    <Dialog title="Paste a link" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onLink(String(new FormData(event.currentTarget).get("link")).trim());
        }}
      >
        <Field label={`Link at ${target}`} name="link" type="url" required autocomplete="off" hint="It costs no search." />
        <div class="row end"><Button onClick={onClose}>Cancel</Button><Button look="primary" submit>Take it</Button></div>
      </form>
    </Dialog>
  );
}
