import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { takeBest } from "./decide";

type Track = Schemas["MigratedTrack"];

const LEVELS = [
  { from: 80, name: "Very likely ones (80 and more)" },
  { from: 60, name: "From 60 of 100" },
  { from: 40, name: "All possible ones (40 and more)" },
];

interface Props {
  queue: readonly Track[];
  complete: boolean;
  readAll: () => Promise<void>;
  onClose: () => void;
}

/** Take the best of many at once, after one confirmation that names the number. */
export function AcceptMany({ queue, complete, readAll, onClose }: Props) {
  const level = useSignal(LEVELS[0]!.from);
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  useEffect(() => {
    if (!complete) void readAll();
  }, []);
  const from = (least: number) => queue.filter((one) => (one.candidates[0]?.score ?? -1) >= least);
  const chosen = from(level.value);
  const accept = async () => {
    busy.value = true;
    try {
      const taken = await takeBest(chosen);
      toast(`${count(taken, "track")} taken. Remembered for later moves.`);
      onClose();
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };
  return (
    <Dialog title="Accept many" onClose={onClose}>
      <p>Takes the first that was found for each. You can replace single ones afterwards.</p>
      {error.value && <Failure error={error.value} />}
      <div class="card options" role="radiogroup" aria-label="Which ones">
        {LEVELS.map((one) => (
          <label key={one.from}>
            <input type="radio" name="level" checked={level.value === one.from} onChange={() => (level.value = one.from)} />
            {one.name}
            <b>{from(one.from).length.toLocaleString()}</b>
          </label>
        ))}
      </div>
      <div class="row end">
        <Button onClick={onClose}>Decide one by one</Button>
        <Button look="primary" busy={busy.value || !complete} refused={chosen.length === 0 && "None of them is that likely."} onClick={() => void accept()}>
          {complete ? `Take ${chosen.length.toLocaleString()}` : "Reading the others"}
        </Button>
      </div>
    </Dialog>
  );
}
