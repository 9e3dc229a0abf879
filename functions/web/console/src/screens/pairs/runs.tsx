import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery } from "~/api/query";
import { standingOfRun } from "~/text/pairs";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Dialog } from "~/ui/dialog";
import { Section } from "~/ui/page";
import { Failure, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";

type Pair = Schemas["Pair"];
type Run = Schemas["PairRun"];

const LATEST = 20;
const CAUSES: Record<Run["cause"], string> = { hand: "because you said so", schedule: "by itself", undo: "because you undid" };

/** What the pair did, the latest first; older ones when they are asked for. */
export function Runs({ one, set }: { one: Pair; set: (value: Pair) => void }) {
  const path = { pair_id: one.id };
  const list = (cursor?: string, headers?: Record<string, string>) =>
    api.GET("/v1/pairs/{pair_id}/runs", { params: { path, query: { limit: LATEST, cursor } }, headers });
  const latest = useQuery(`pairs/${one.id}/runs`, (headers) => list(undefined, headers));
  // Every run that was seen, so that none falls between the first page, which moves on, and older ones.
  const seen = useSignal<ReadonlyMap<number, Run>>(new Map());
  const cursor = useSignal<string | null | undefined>(undefined);
  const error = useSignal<ApiError | null>(null);
  const undoing = useSignal<Run | null>(null);
  const add = (items: readonly Run[]) => (seen.value = new Map([...seen.value, ...items.map((run) => [run.id, run] as const)]));
  const data = latest.data.value;
  useEffect(() => {
    if (!data) return;
    add(data.items);
    if (cursor.value === undefined) cursor.value = data.next_cursor;
  }, [data]);
  useEffect(() => {
    void latest.reload(); // the pair, which is watched, has gone on
  }, [one.status, one.run_id, one.code, one.checked_at]);

  const older = async () => {
    try {
      const page = await call(list(cursor.value ?? undefined));
      add(page.items);
      cursor.value = page.next_cursor;
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const undo = async (run: Run) => {
    undoing.value = null;
    error.value = null;
    try {
      await call(api.POST("/v1/pairs/{pair_id}/runs/{run_id}/undo", { params: { path: { ...path, run_id: run.id } }, headers: once() }));
      set(await call(api.GET("/v1/pairs/{pair_id}", { params: { path } })));
      invalidate(`pairs/${one.id}/runs`);
      toast("It is being taken back.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const runs = [...seen.value.values()].sort((left, right) => right.id - left.id);
  const failure = error.value ?? latest.error.value;
  return (
    <Section title="What it did">
      {failure && <Failure error={failure} retry={() => void latest.reload()} />}
      {runs.length ? (
        <ul class="card rows">
          {runs.map((run) => {
            const standing = standingOfRun(run);
            return (
              <li key={run.id}>
                <span class="what">
                  <a href={`/app/moves/in-step/${one.id}/runs/${run.id}`}>{sentenceCase(since(run.finished_at ?? run.created_at))}</a>
                  <span class="small">{[run.message, ...run.guards.map((guard) => guard.message)].join(" ")}</span>
                  <span class="small">{CAUSES[run.cause]}</span>
                </span>
                <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
                {run.can_be_undone && one.run_id === null && (
                  <Button compact icon="undo" onClick={() => (undoing.value = run)} label={`Undo what was done ${since(run.finished_at ?? run.created_at)}`}>Undo</Button>
                )}
              </li>
            );
          })}
        </ul>
      ) : data ? (
        <p class="card pad soft">Nothing yet. What is written stands here, with a way to undo it for 28 days.</p>
      ) : (
        !failure && <Skeleton rows={2} />
      )}
      {cursor.value && <div class="row"><Button compact onClick={() => void older()}>Show earlier ones</Button></div>}
      {undoing.value && (
        <Dialog title="Undo this run?" onClose={() => (undoing.value = null)}>
          <p>What it and every later run wrote is taken back on both sides. What you changed since stays. The pair rests afterwards.</p>
          <div class="row end">
            <Button onClick={() => (undoing.value = null)}>Leave it as it is</Button>
            <Button look="danger" onClick={() => void undo(undoing.value!)}>Take it back</Button>
          </div>
        </Dialog>
      )}
    </Section>
  );
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
