import { useSignal } from "@preact/signals";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Section } from "~/ui/page";

/** A list as text: what one has in a mail, a message, a spreadsheet. It goes the way of a file. */
export function PasteList({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const text = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get("name")).trim() || "Pasted list";
    onFile(new File([text.value], `${name}.txt`, { type: "text/plain" }));
    text.value = "";
  };
  return (
    <Section title="Or paste a list">
      <form class="card pad stack" onSubmit={submit}>
        <Field label="What the playlist is called" name="name" maxLength={100} placeholder="Pasted list" />
        <div class="field">
          <label for="pasted">Tracks</label>
          <textarea id="pasted" rows={6} spellcheck={false} aria-describedby="pasted-hint" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
          <p class="hint" id="pasted-hint">A line for each: “Artist - Title”, or a link to a track or a whole playlist at any service. Playlists are read by your own account there. A table from a spreadsheet works, too.</p>
        </div>
        <div class="row end"><Button submit busy={busy} refused={!text.value.trim() && "Paste something first."}>Look for them</Button></div>
      </form>
    </Section>
  );
}
