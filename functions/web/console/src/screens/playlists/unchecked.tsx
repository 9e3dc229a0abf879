import { useSignal } from "@preact/signals";
import { asApiError, type ApiError } from "~/api/problem";
import type { Query } from "~/api/query";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { check, type Checked, MAX_CHECKS } from "./checked";
import type { Snapshot } from "./chooser";

interface Props {
  items: readonly Snapshot[];
  checked: Query<{ items: Checked[] }>;
  /** Of the service. */
  title: string;
  /** Whether no playlist has dead tracks, as far as is known. */
  isEmpty: boolean;
}

/** How many playlists the filter for dead tracks knows of, and the check of those that it does not. */
export function Unchecked({ items, checked, title, isEmpty }: Props) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const known = checked.data.value?.items;
  if (!known) return checked.error.value ? <Failure error={checked.error.value} retry={() => void checked.reload()} /> : <Skeleton rows={3} />;
  const byId = new Map(known.map((one) => [one.playlist_id, one]));
  const mine = items.filter((one) => one.is_own && !one.is_liked);
  const running = mine.filter((one) => byId.get(one.provider_playlist_id)?.is_being_checked).length;
  const left = mine.filter((one) => {
    const found = byId.get(one.provider_playlist_id);
    return !found || (found.dead === null && !found.is_being_checked);
  });
  const done = mine.filter((one) => (byId.get(one.provider_playlist_id)?.dead ?? null) !== null).length;
  const next = left.slice(0, Math.max(0, MAX_CHECKS - running));

  const begin = async () => {
    busy.value = true;
    error.value = null;
    try {
      for (const one of next) await check({ provider: one.provider, playlist_id: one.provider_playlist_id });
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    await checked.reload();
    busy.value = false;
  };
  const offer = left.length > 0 && (
    <Button
      icon="check"
      look={isEmpty ? "primary" : "plain"}
      busy={busy.value}
      refused={next.length === 0 && `${MAX_CHECKS} are checked at once; the next ones after these.`}
      onClick={() => void begin()}
    >
      {next.length < left.length ? `Check the next ${next.length || MAX_CHECKS}` : `Check ${count(left.length, "playlist")}`}
    </Button>
  );
  const standing = running > 0 && `${count(running, "playlist is", "playlists are")} being checked. `;
  const failure = error.value ?? checked.error.value;
  return (
    <>
      {failure && <Failure error={failure} />}
      {!isEmpty ? (
        <div class="row">
          <span class="small soft" aria-live="polite">
            {standing}{done.toLocaleString()} of {count(mine.length, "playlist")} of yours {done === 1 ? "was" : "were"} checked in the last 28 days.
          </span>
          {offer && <span class="push">{offer}</span>}
        </div>
      ) : done > 0 ? (
        <Empty icon="check" title={`No dead tracks in ${count(done, "playlist")}`} action={offer}>
          {standing}{left.length > 0 ? `${count(left.length, "playlist of yours was", "playlists of yours were")} not checked in the last 28 days.` : "All of yours were checked in the last 28 days."}
        </Empty>
      ) : running > 0 ? (
        <Empty icon="clock" title={`${count(running, "playlist is", "playlists are")} being checked`} action={offer}>
          Those with tracks that cannot be played any more appear here by themselves.
        </Empty>
      ) : mine.length > 0 ? (
        <Empty icon="check" title="Nothing was checked yet" action={offer}>
          A check finds what was deleted, made private or withdrawn at {title}, and what could stand there. Nothing is written.
        </Empty>
      ) : (
        <Empty icon="lock" title="None of these can be checked">Only playlists of yours are: what others own, and what you like, stays as it is.</Empty>
      )}
    </>
  );
}
