/** One playlist's latest check, whether a schedule's or asked for by itself, and a way to check it now. */
import { useSignal } from "@preact/signals";
import { api } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Failure } from "~/ui/states";
import { check, type Checked, useChecked } from "./checked";
import { type Place, LookAfter, paceOf } from "./look-after";

export function Condition({ place }: { place: Place }) {
  const checked = useChecked(place.provider);
  const one = checked.data.value?.items.find((each) => each.playlist_id === place.playlist_id);
  if (!checked.data.value && checked.error.value) return <Failure error={checked.error.value} retry={() => void checked.reload()} />;
  return one ? <Latest key={one.repair_id} place={place} one={one} reload={checked.reload} /> : (
    <LookAfter place={place}><CheckNow place={place} one={one} reload={checked.reload} /></LookAfter>
  );
}

interface Props {
  place: Place;
  one: Checked | undefined;
  reload: () => Promise<void>;
}

function Latest({ place, one, reload }: Props & { one: Checked }) {
  const repair = useQuery(
    `repairs/${one.repair_id}`,
    (headers) => api.GET("/v1/repairs/{repair_id}", { params: { path: { repair_id: one.repair_id } }, headers }),
    paceOf,
  );
  const latest = repair.data.value;
  return (
    <LookAfter place={place} latest={latest} reload={() => Promise.all([repair.reload(), reload()])}>
      {latest && <p class="soft" aria-live="polite">Checked {since(latest.created_at)}: {latest.message}</p>}
      <CheckNow place={place} one={one} reload={reload} />
    </LookAfter>
  );
}

function CheckNow({ place, one, reload }: Props) {
  const error = useSignal<ApiError | null>(null);
  const begin = async () => {
    error.value = null;
    try {
      await check(place);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    await reload();
  };
  return (
    <>
      {error.value && <Failure error={error.value} />}
      <div class="row">
        <Button icon="check" busy={one?.is_being_checked} onClick={() => void begin()}>
          {one?.is_being_checked ? "Being checked" : "Check now"}
        </Button>
      </div>
    </>
  );
}
