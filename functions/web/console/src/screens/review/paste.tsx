import { useSignal } from "@preact/signals";
import type { Schemas } from "~/api/client";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { serviceName } from "~/ui/service";
import { decide } from "./decide";

type Track = Schemas["MigratedTrack"];

/** Say what a track is by a link to it. */
export function PasteLink({ track, onClose }: { track: Track; onClose: () => void }) {
  const wrong = useSignal<string | null>(null);
  const target = serviceName(track.target_provider);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const link = String(new FormData(event.currentTarget as HTMLFormElement).get("link") ?? "").trim();
    if (!link) {
      wrong.value = `Paste a link to a track at ${target}.`;
      return;
    }
    decide(track, { link }, "Taken from your link. Remembered for later moves.");
    onClose();
  };
  return (
    <Dialog title="Paste a link" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>To what “<bdi>{track.source_title}</bdi>” is at {target}. It costs no search.</p>
        <Field label={`Link at ${target}`} name="link" type="url" error={wrong.value} autocomplete="off" />
        <div class="row end"><Button onClick={onClose}>Cancel</Button><Button look="primary" submit>Take it</Button></div>
      </form>
    </Dialog>
  );
}
