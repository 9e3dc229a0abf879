import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { draft } from "~/draft";
import { go, type Params } from "~/router";
import { whichDay } from "~/text/times";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Progress } from "~/ui/progress";
import { serviceName } from "~/ui/service";
import { Failure, Loaded } from "~/ui/states";
import { MoveSteps } from "./steps";
import "./preview.css";

type Migration = Schemas["Migration"];

/** Step 3: what would be found and how long it would take, before anything is written. */
export default function Preview({ params }: { params: Params }) {
  const id = Number(params.id);
  const migration = useQuery(
    `migrations/${id}`,
    (headers) => api.GET("/v1/migrations/{migration_id}", { params: { path: { migration_id: id } }, headers }),
    (one) => (one.finished_at ? null : one.progress.waiting_until ? WHILE_WAITING_MS : WHILE_RUNNING_MS),
  );
  return (
    <>
      <MoveSteps at={2} />
      <Loaded query={migration}>{(one) => (one.finished_at ? <Result one={one} /> : <Looking one={one} />)}</Loaded>
    </>
  );
}

function Looking({ one }: { one: Migration }) {
  const { tracks } = one.progress;
  const done = tracks.matched + tracks.failed;
  return (
    <>
      <Head title="Looking for every track">Nothing is written. You can leave; this goes on, and Moves has it.</Head>
      <div class="card pad-l stack" aria-live="polite">
        <p class="big"><b>{done.toLocaleString()} of {count(tracks.total, "track")}</b> looked for</p>
        <Progress value={done} max={tracks.total} label="Looked for" />
        <p class="small soft">{one.status_message}</p>
      </div>
      <div class="actions"><ButtonLink look="quiet" href="/app/moves">All moves</ButtonLink></div>
    </>
  );
}

function Result({ one }: { one: Migration }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const { tracks } = one.progress;
  const target = serviceName(one.target_provider);
  const missing = tracks.failed - tracks.needs_review;
  const begin = async () => {
    busy.value = true;
    try {
      const made = await call(api.POST("/v1/migrations", { body: { ...optionsOf(one.id), from_preview: one.id }, headers: once() }));
      draft.value = null;
      invalidate("home");
      go(`/app/moves/${made.id}`);
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };
  return (
    <>
      <Head title="Preview">
        Nothing has been written yet. All {count(tracks.total, "track")} were looked for; moving will not search for them again.
      </Head>
      {error.value && <Failure error={error.value} />}
      {one.status === "failed" && <Failure error={asApiError(new Error(one.status_message))} />}
      <div class="columns aside">
        <div class="stack wide">
          <div class="card pad-l stack">
            <p class="big">
              <b>{tracks.matched.toLocaleString()} found</b>, {tracks.needs_review ? <a href={`/app/moves/${one.id}/review`}>{tracks.needs_review.toLocaleString()} doubtful</a> : "none doubtful"}, {missing.toLocaleString()} not there.
            </p>
            <Shares parts={[["found", tracks.matched], ["doubtful", tracks.needs_review], ["missing", missing]]} total={tracks.total} />
            <ul class="row small soft legend">
              <li class="found">found</li><li class="doubtful">doubtful: you decide, now or later</li><li class="missing">not on {target}</li>
            </ul>
          </div>
          <Table id={one.id} />
        </div>
        <div class="stack">
          <Section title="How long">
            <div class="card pad stack tight"><HowLong one={one} /></div>
          </Section>
          {tracks.needs_review > 0 && (
            <Note tone="go" icon="eye" title={`${tracks.needs_review.toLocaleString()} doubtful`} actions={<ButtonLink compact href={`/app/moves/${one.id}/review`}>Review now</ButtonLink>}>
              They hold nothing up. Decided later, they come to their right place.
            </Note>
          )}
        </div>
      </div>
      <div class="actions">
        <ButtonLink look="quiet" href={one.source_file ? "/app/files/import" : "/app/move/where"}>Back</ButtonLink>
        <span class="push small soft">You can stop and undo at any time.</span>
        <Button look="primary" busy={busy.value} refused={!tracks.matched && "Nothing was found that could be moved."} onClick={begin}>Begin the move</Button>
      </div>
    </>
  );
}

function HowLong({ one }: { one: Migration }) {
  const cost = one.would_cost;
  const target = serviceName(one.target_provider);
  if (!cost) return <p>A few minutes.</p>;
  return (
    <>
      <p class="big"><b>{cost.days <= 1 ? "Today" : count(cost.days, "day")}</b></p>
      {cost.days > 1 && <p>done {whichDay(cost.done_at)}</p>}
      <p class="small soft">
        {cost.units === null
          ? `${target} sets no number a day.`
          : `${target} lets everybody here together add only so much a day.`}
        {(cost.sharers ?? 1) > 1 && ` ${count((cost.sharers ?? 1) - 1, "other person is", "other people are")} moving, too; each gets an equal part.`}
      </p>
    </>
  );
}

function Table({ id }: { id: number }) {
  const playlists = useQuery(`migrations/${id}/playlists`, (headers) =>
    api.GET("/v1/migrations/{migration_id}/playlists", { params: { path: { migration_id: id }, query: { limit: 200 } }, headers }),
  );
  return (
    <Loaded query={playlists}>
      {({ items }) => (
        <div class="card">
          <table>
            <thead>
              <tr><th scope="col">Playlist</th><th scope="col" class="number">Found</th><th scope="col" class="number">Doubtful</th><th scope="col" class="number">Not there</th></tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row"><bdi>{one.source_name}</bdi></th>
                  <td class="number">{one.tracks.matched.toLocaleString()}</td>
                  <td class="number">{one.tracks.needs_review ? <a href={`/app/moves/${id}/review?playlist=${one.id}`} aria-label={`${one.tracks.needs_review} doubtful in ${one.source_name}`}>{one.tracks.needs_review.toLocaleString()}</a> : 0}</td>
                  <td class="number">{(one.tracks.failed - one.tracks.needs_review).toLocaleString()}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Loaded>
  );
}

function Shares({ parts, total }: { parts: [string, number][]; total: number }) {
  let at = 0;
  return (
    <svg class="shares" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(([name, value]) => {
        const x = at;
        const width = total ? (value / total) * 1000 : 0;
        at += width;
        return width > 0 && <rect key={name} class={name} x={x} width={Math.max(width - 3, 2)} height="12" rx="2" />;
      })}
    </svg>
  );
}

function optionsOf(id: number): { as_copy?: boolean; remove_missing?: boolean; privacy?: "private" | "unlisted" | "public" } {
  try {
    return JSON.parse(sessionStorage.getItem(`options/${id}`) ?? "{}");
  } catch {
    return {};
  }
}
