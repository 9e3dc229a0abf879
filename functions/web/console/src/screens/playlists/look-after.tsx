import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery, WHILE_RUNNING_MS } from "~/api/query";
import { moment, since } from "~/text/times";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Outside, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { country } from "./checked";

type Schedule = Schemas["RepairSchedule"];
type Repair = Schemas["Repair"];
export type Place = { provider: string; playlist_id: string };

const OFTEN: Record<Schedule["schedule"], string> = { daily: "Every day", weekly: "Every week", monthly: "Every month" };
const AT_WORK: readonly Repair["status"][] = ["checking", "applying", "undoing"];
const SHOWN = 200;

export function useSchedules() {
  return useQuery(
    "repair-schedules",
    (headers) => api.GET("/v1/repair-schedules", { headers }),
    ({ items }) => (items.some(isAtWork) ? WHILE_RUNNING_MS : null),
  );
}

function isAtWork(one: Schedule): boolean {
  if (one.latest && AT_WORK.includes(one.latest.status)) return true;
  return one.status === "active" && one.next_at !== null && Date.parse(one.next_at) <= Date.now();
}

/** How soon to look again at a check. */
export function paceOf(one: Repair): number | null {
  return AT_WORK.includes(one.status) ? WHILE_RUNNING_MS : null;
}

interface Props {
  place: Place;
  /** A check that nobody's schedule began; shown where it is the later one. */
  latest?: Repair | null;
  /** Called after that check was changed. */
  reload?: () => Promise<unknown>;
  children?: ComponentChildren;
}

/** Whether and how often a playlist is checked for what cannot be played, and what the latest check found. */
export function LookAfter({ place, latest, reload, children }: Props) {
  const schedules = useSchedules();
  const error = useSignal<ApiError | null>(null);
  const items = schedules.data.value?.items;
  if (!items) return schedules.error.value ? <Failure error={schedules.error.value} retry={() => void schedules.reload()} /> : null;
  const one = items.find((each) => each.provider === place.provider && each.playlist_id === place.playlist_id);
  const found = latest && latest.id > (one?.latest?.id ?? 0) ? latest : one?.latest;
  const choose = async (often: string) => {
    error.value = null;
    try {
      if (!often && one) {
        await call(api.DELETE("/v1/repair-schedules/{schedule_id}", { params: { path: { schedule_id: one.id } } }));
        toast("It is no longer looked after.");
      } else if (often) {
        const schedule = often as Schedule["schedule"];
        if (one) await call(api.PATCH("/v1/repair-schedules/{schedule_id}", { params: { path: { schedule_id: one.id } }, body: { schedule } }));
        else await call(api.POST("/v1/repair-schedules", { body: { ...place, schedule, country: country() }, headers: once() }));
        toast("Saved. You are told of what is found; nothing is written.");
      }
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    await schedules.reload();
  };
  return (
    <Section title="Look after it">
      {error.value && <Failure error={error.value} />}
      <div class="card pad stack">
        <div class="field">
          <label for={`look-after-${place.playlist_id}`}>Check for what cannot be played</label>
          <select id={`look-after-${place.playlist_id}`} value={one?.schedule ?? ""} onChange={(event) => void choose(event.currentTarget.value)}>
            <option value="">Not by itself</option>
            {Object.entries(OFTEN).map(([value, word]) => <option key={value} value={value}>{word}</option>)}
          </select>
        </div>
        {one && <Standing one={one} />}
        {children}
      </div>
      {found && <Found key={`${found.id} ${found.status}`} one={found} reload={() => Promise.all([schedules.reload(), reload?.()])} />}
    </Section>
  );
}

/** How a schedule stands, and when it is due. */
export function Standing({ one }: { one: Schedule }) {
  return (
    <p class="soft" aria-live="polite">
      {one.message}
      {one.latest && <> Last checked {since(one.latest.created_at)}: {one.latest.message}</>}
      {one.next_at && !isAtWork(one) && <> Next {moment(one.next_at)}.</>}
    </p>
  );
}

/** What a check found: each entry, what could stand there, and the order to replace those that are chosen. */
function Found({ one, reload }: { one: Repair; reload: () => Promise<unknown> }) {
  const error = useSignal<ApiError | null>(null);
  const chosen = useSignal<ReadonlySet<number> | null>(null);
  const entries = useQuery(`repair-entries/${one.id}/${one.status}`, (headers) =>
    api.GET("/v1/repairs/{repair_id}/entries", { params: { path: { repair_id: one.id }, query: { limit: SHOWN } }, headers }),
  );
  const items = entries.data.value?.items ?? [];
  const order = async (what: "apply" | "undo", numbers: number[] = []) => {
    error.value = null;
    const params = { path: { repair_id: one.id } };
    try {
      if (what === "undo") await call(api.POST("/v1/repairs/{repair_id}/undo", { params }));
      else await call(api.POST("/v1/repairs/{repair_id}/apply", { params, body: { entries: numbers } }));
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    await reload();
  };
  if (!one.counts.dead || (!items.length && !entries.error.value)) return null;
  const marked = chosen.value ?? new Set(items.filter((entry) => entry.proposal?.is_sure).map((entry) => entry.number));
  const mark = (number: number, on: boolean) => {
    const next = new Set(marked);
    if (on) next.add(number);
    else next.delete(number);
    chosen.value = next;
  };
  const failure = error.value ?? entries.error.value;
  const isOpen = one.status === "proposed";
  return (
    <>
      {failure && <Failure error={failure} />}
      <ul class="card rows" aria-label="Entries that cannot be played">
        {items.map((entry) => (
          <li key={entry.number}>
            <span class="what">
              <span class="strong">{entry.title ? <><bdi>{entry.title}</bdi>{entry.artist && <> · <bdi>{entry.artist}</bdi></>}</> : `Entry ${entry.position + 1}`}</span>
              <span class="small">{entry.error ?? entry.message}</span>
              {entry.proposal && (
                <span class="small">
                  Could stand there: {entry.proposal.url ? <Outside href={entry.proposal.url}><bdi>{entry.proposal.title}</bdi></Outside> : <bdi>{entry.proposal.title}</bdi>} · <bdi>{entry.proposal.artist}</bdi>
                </span>
              )}
            </span>
            {isOpen && entry.proposal && (
              <label class="row">
                <input type="checkbox" checked={marked.has(entry.number)} onChange={(event) => mark(entry.number, event.currentTarget.checked)} /> Replace
              </label>
            )}
          </li>
        ))}
      </ul>
      <div class="row end">
        {isOpen && items.some((entry) => entry.proposal) && (
          <Button look="primary" refused={!marked.size && "Choose what to replace."} onClick={() => void order("apply", [...marked])}>
            Replace {count(marked.size, "track")} at {serviceName(one.provider)}
          </Button>
        )}
        {one.can_be_undone && <Button icon="undo" onClick={() => void order("undo")}>Take it back</Button>}
      </div>
    </>
  );
}
