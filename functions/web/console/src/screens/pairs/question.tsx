import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery } from "~/api/query";
import { changesOf, standingOfPair, stops } from "~/text/pairs";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Service } from "~/ui/service";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";

type Pair = Schemas["Pair"];
type Guard = Schemas["PairGuard"];

const SHOWN_TRACKS = 10;

/** What a pair asks: its first writing, or what a guard stopped, with numbers and names. */
export function Question({ one, set }: { one: Pair; set: (value: Pair) => void }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const runs = useQuery(`pairs/${one.id}/runs`, (headers) =>
    api.GET("/v1/pairs/{pair_id}/runs", { params: { path: { pair_id: one.id }, query: { limit: 20 } }, headers }),
  );
  const isFirst = one.code === "asking-first";
  // A guard asks about the run that has just ended without what it held back.
  const run = runs.data.value?.items.find((each) => (one.run_id === null ? each.guards.some(stops) : each.id === one.run_id));
  const held = isFirst ? [] : (run?.guards ?? []).filter(stops);
  const number = held.reduce((sum, guard) => sum + guard.count, 0);
  const isRemoval = held.some((guard) => guard.code !== "many-moves");
  const standing = standingOfPair(one);
  const answer = async (word: "yes" | "no") => {
    busy.value = true;
    error.value = null;
    try {
      set(await call(api.POST("/v1/pairs/{pair_id}/answer", { params: { path: { pair_id: one.id } }, body: { answer: word } })));
      invalidate(`pairs/${one.id}/runs`);
      toast(word === "yes" ? "It is being written." : "Both stay as they are. The pair rests.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="card pad-l stack" aria-label="What it asks" aria-live="polite">
      <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
      {error.value && <Failure error={error.value} />}
      {runs.error.value && !run && <Failure error={runs.error.value} retry={() => void runs.reload()} />}
      {held.length ? held.map((guard) => <Held key={guard.code + guard.provider} guard={guard} />) : <p class="big">{one.message}</p>}
      {isFirst && run && (
        <dl class="facts">
          <dt><Service provider={one.left.provider} /></dt><dd>{changesOf(run, "left") || "nothing changes"}</dd>
          <dt><Service provider={one.right.provider} /></dt><dd>{changesOf(run, "right") || "nothing changes"}</dd>
        </dl>
      )}
      <div class="row">
        <Button look={isRemoval ? "danger" : "primary"} busy={busy.value} onClick={() => void answer("yes")}>
          {isFirst ? "Yes, write it" : isRemoval ? `Yes, take out ${number.toLocaleString()}` : `Yes, move ${number.toLocaleString()}`}
        </Button>
        <Button busy={busy.value} onClick={() => void answer("no")}>No, leave both as they are</Button>
        {isFirst && run && <ButtonLink look="quiet" href={`/app/moves/in-step/${one.id}/runs/${run.id}`}>See every change</ButtonLink>}
      </div>
      <p class="small soft">What is written can be undone for 28 days.</p>
    </section>
  );
}

function Held({ guard }: { guard: Guard }) {
  const tracks = guard.tracks ?? [];
  const rest = guard.count - Math.min(tracks.length, SHOWN_TRACKS);
  return (
    <div class="stack tight">
      <p class="big">{guard.message}</p>
      {tracks.length > 0 && (
        <ul class="small soft" aria-label="Which ones">
          {tracks.slice(0, SHOWN_TRACKS).map((track, at) => <li key={at}><bdi>{track.title}</bdi> · <bdi>{track.artist}</bdi></li>)}
          {rest > 0 && <li>and {count(rest, "more", "more")}</li>}
        </ul>
      )}
    </div>
  );
}
