import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import type { Params } from "~/router";
import { isUnderWay, standingOf, standingOfPart, titleOf } from "~/text/moves";
import { clock, moment, since, whichDay } from "~/text/times";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Dialog } from "~/ui/dialog";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Progress } from "~/ui/progress";
import { serviceName, Way } from "~/ui/service";
import { Failure, Loaded } from "~/ui/states";
import { Tile } from "~/ui/tile";
import { toast } from "~/ui/toast";
import { NotMoved } from "./not-moved";

type Migration = Schemas["Migration"];
type Step = "pause" | "resume" | "cancel" | "retry" | "rollback";

const SAID: Record<Step, string> = {
  pause: "Paused. What was under way is finished first.",
  resume: "It goes on.",
  cancel: "Stopped. What was written stays.",
  retry: "What failed is tried again.",
  rollback: "What this move wrote is being taken out.",
};

/** One move: how far it is, what comes next, and every playlist of it. */
export default function Move({ params }: { params: Params }) {
  const id = Number(params.id);
  const pace = (one: Migration) =>
    !isUnderWay(one) ? null : one.progress.waiting_until || one.is_paused ? WHILE_WAITING_MS : WHILE_RUNNING_MS;
  const migration = useQuery(
    `migrations/${id}`,
    (headers) => api.GET("/v1/migrations/{migration_id}", { params: { path: { migration_id: id } }, headers }),
    pace,
  );
  return <Loaded query={migration}>{(one) => <Content one={one} set={migration.set} />}</Loaded>;
}

function Content({ one, set }: { one: Migration; set: (value: Migration) => void }) {
  const error = useSignal<ApiError | null>(null);
  const asked = useSignal<Step | null>(null);
  const { tracks } = one.progress;
  const under = isUnderWay(one);
  const standing = standingOf(one);
  const target = serviceName(one.target_provider);

  const act = async (step: Step) => {
    asked.value = null;
    error.value = null;
    try {
      set(await call(api.POST(`/v1/migrations/{migration_id}/${step}`, { params: { path: { migration_id: one.id } } })));
      invalidate("migrations");
      invalidate("home");
      toast(SAID[step]);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const failedTracks = tracks.failed - tracks.needs_review;
  const mayUndo = !under && one.status !== "undone" && tracks.written > 0 && !one.dry_run;
  return (
    <>
      <Head
        title={titleOf(one)}
        isName
        back={{ href: under ? "/app/moves" : "/app/moves/past", label: "Moves" }}
        actions={
          under ? (
            <>
              {one.is_paused ? (
                <Button icon="play" onClick={() => void act("resume")}>Go on</Button>
              ) : (
                <Button icon="pause" onClick={() => void act("pause")}>Pause</Button>
              )}
              <Button icon="cross" onClick={() => (asked.value = "cancel")}>Stop</Button>
            </>
          ) : (
            <>
              {tracks.failed > 0 && one.status !== "undone" && <Button icon="run" onClick={() => void act("retry")}>Try what failed again</Button>}
              {mayUndo && <Button look="danger" icon="undo" onClick={() => (asked.value = "rollback")}>Undo</Button>}
            </>
          )
        }
      >
        <Way from={one.source_file ? "file" : one.source_provider} to={one.target_provider} /> begun {since(one.created_at)}
      </Head>
      {error.value && <div class="stack"><Failure error={error.value} /><span /></div>}
      <div class="columns aside">
        <div class="stack wide">
          <div class="card pad-l stack">
            <p class="big" aria-live="polite">
              <b>{tracks.written.toLocaleString()} of {count(tracks.matched || tracks.total, "track")} {tracks.written === 1 ? "is" : "are"} on {target}.</b> <NextSentence one={one} />
            </p>
            <Progress value={tracks.written} max={tracks.matched || tracks.total} label={`Written to ${target}`} />
            <div class="row small soft">
              <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
              {under && one.expected_at && <span class="push">Done <b>{whichDay(one.expected_at)}</b></span>}
            </div>
          </div>
          <Playlists one={one} onStarted={set} />
          {failedTracks > 0 && <NotMoved id={one.id} target={target} number={failedTracks} />}
        </div>
        <div class="stack">
          {tracks.needs_review > 0 && one.status !== "undone" && (
            <Note tone="warn" icon="eye" title={`${count(tracks.needs_review, "track")} to look at`} actions={<ButtonLink look="primary" compact href={`/app/moves/${one.id}/review`}>Review</ButtonLink>}>
              The others go on without you. What you decide is written at its place.
            </Note>
          )}
          <Note icon="undo" title="Undo">
            {one.status === "undone"
              ? "What this move wrote was taken out again."
              : "When it has ended or was stopped, Undo takes out exactly what this move wrote, and nothing else. The playlists stay."}
          </Note>
        </div>
      </div>
      {asked.value && <Ask step={asked.value} one={one} onClose={() => (asked.value = null)} onYes={act} />}
    </>
  );
}

function NextSentence({ one }: { one: Migration }) {
  const until = one.progress.waiting_until;
  if (one.is_paused) return <>It is paused; nothing happens until you let it go on.</>;
  if (until) {
    return one.progress.waiting_for === "quota" ? <>Today’s part is used up; it goes on {moment(until)}.</> : <>{serviceName(one.target_provider)} is slow; it goes on {moment(until)}.</>;
  }
  if (one.status === "failed" || one.status === "undone") return <>{one.status_message}</>;
  if (one.finished_at) return <>Ended {since(one.finished_at)}.</>;
  return <>It goes on by itself, also when you close this page.</>;
}

function Playlists({ one, onStarted }: { one: Migration; onStarted: (value: Migration) => void }) {
  const list = useQuery(
    `migrations/${one.id}/playlists`,
    (headers) =>
      api.GET("/v1/migrations/{migration_id}/playlists", { params: { path: { migration_id: one.id }, query: { limit: 200 } }, headers }),
    () => (isUnderWay(one) ? (one.progress.waiting_until ? WHILE_WAITING_MS : WHILE_RUNNING_MS) : null),
  );
  const accept = async (playlist: number) => {
    try {
      const path = { migration_id: one.id, playlist_id: playlist };
      onStarted(await call(api.POST("/v1/migrations/{migration_id}/playlists/{playlist_id}/confirm", { params: { path } })));
      await list.reload();
      toast("It is being written again, entry by entry.");
    } catch (thrown) {
      toast(asApiError(thrown).message);
    }
  };
  return (
    <Loaded query={list}>
      {({ items }) => (
        <Section
          title="Playlists"
          count={items.length}
          link={one.progress.tracks.written > 0 && !one.dry_run ? { href: `/app/moves/${one.id}/tracks`, label: "Every track" } : undefined}
        >
          <ul class="card rows">
            {items.map((part) => {
              const standing = standingOfPart(part);
              return (
                <li key={part.id}>
                  <Tile id={part.source_playlist_id} />
                  <span class="what">
                    <span class="strong"><bdi>{part.source_name}</bdi></span>
                    <span class="small">
                      {part.status === "failed" ? part.status_message : `${part.tracks.written.toLocaleString()} of ${(part.tracks.matched || part.tracks.total).toLocaleString()} written`}
                      {part.finished_at && part.status !== "failed" ? `, read back and compared at ${clock(part.finished_at)}` : ""}
                    </span>
                    {part.status !== "completed" && part.status !== "failed" && <Progress value={part.percent} max={100} label={`Of ${part.source_name}`} />}
                  </span>
                  <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
                  {part.code === "mend-costs" && <Button compact onClick={() => void accept(part.id)} label={`Accept the price for ${part.source_name}`}>Accept the price</Button>}
                  {part.tracks.needs_review > 0 && <ButtonLink compact href={`/app/moves/${one.id}/review?playlist=${part.id}`} label={`Review ${part.source_name}`}>Review</ButtonLink>}
                </li>
              );
            })}
          </ul>
        </Section>
      )}
    </Loaded>
  );
}

function Ask({ step, one, onClose, onYes }: { step: Step; one: Migration; onClose: () => void; onYes: (step: Step) => Promise<void> }) {
  const { written } = one.progress.tracks;
  const target = serviceName(one.target_provider);
  const undo = step === "rollback";
  return (
    <Dialog title={undo ? `Take out ${count(written, "track")}?` : "Stop this move?"} onClose={onClose}>
      <p>
        {undo
          ? `Exactly what this move wrote to ${target} is taken out. What you or others added there stays, and so do the playlists.`
          : `${count(written, "track")} ${written === 1 ? "stays" : "stay"} on ${target}. You can undo that afterwards, or begin again.`}
      </p>
      <div class="row end">
        <Button onClick={onClose}>{undo ? "Leave it as it is" : "Let it go on"}</Button>
        <Button look="danger" onClick={() => void onYes(step)}>{undo ? `Remove ${written.toLocaleString()}` : "Stop"}</Button>
      </div>
    </Dialog>
  );
}
