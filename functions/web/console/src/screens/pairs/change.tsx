import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { MODES, SCHEDULES } from "~/text/pairs";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";

type Pair = Schemas["Pair"];

/** Change which way and how often a pair runs, and where it stops. */
export function ChangePair({ one, set, onClose }: { one: Pair; set: (value: Pair) => void; onClose: () => void }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    try {
      const body: Schemas["PairChange"] = {
        mode: given.get("mode") as Pair["mode"],
        schedule: given.get("schedule") as Pair["schedule"],
        max_removals: Number(given.get("max_removals")),
        keeps_order: given.get("keeps_order") === "on",
      };
      set(await call(api.PATCH("/v1/pairs/{pair_id}", { params: { path: { pair_id: one.id } }, body })));
      toast(body.mode === one.mode ? "Saved." : "Saved. What comes next is shown to you first.");
      onClose();
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };
  return (
    <Dialog title="How it runs" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {error.value && <Failure error={error.value} />}
        <div class="field">
          <label for="pair-mode">Which way</label>
          <select id="pair-mode" name="mode">
            {Object.entries(MODES).map(([value, [word]]) => <option key={value} value={value} selected={value === one.mode}>{word}</option>)}
          </select>
        </div>
        <div class="field">
          <label for="pair-schedule">How often</label>
          <select id="pair-schedule" name="schedule">
            {Object.entries(SCHEDULES).map(([value, word]) => <option key={value} value={value} selected={value === one.schedule}>{word}</option>)}
          </select>
        </div>
        <Field
          label="Ask me above so many taken out" name="max_removals" type="number" required defaultValue={String(one.max_removals)}
          hint="A run that would take out more stops and asks." error={error.value?.field("max_removals")}
        />
        <label class="row"><input type="checkbox" name="keeps_order" checked={one.keeps_order} /> Both have the same order</label>
        <div class="row end"><Button onClick={onClose}>Cancel</Button><Button look="primary" submit busy={busy.value}>Save</Button></div>
      </form>
    </Dialog>
  );
}
