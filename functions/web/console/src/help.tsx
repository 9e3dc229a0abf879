import { Button } from "./ui/button";
import { Dialog } from "./ui/dialog";
import { enabled, helpShown, screenKeys, setEnabled } from "./keys";

const EVERYWHERE: [string, string][] = [
  ["?", "This map"],
  ["G, then H P M S L F", "Home, playlists, moves, search, listening, files"],
  ["/", "Filter or search"],
  ["Esc", "Clear or close"],
];

/** The keyboard map. */
export function KeyboardHelp() {
  if (!helpShown.value) return null;
  const rows = [...screenKeys.value.map(({ name, what }) => [name, what] as [string, string]), ...EVERYWHERE];
  return (
    <Dialog title="Keys" onClose={() => (helpShown.value = false)}>
      <dl class="facts">
        {rows.map(([key, what]) => (
          <>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <label class="row">
        <input type="checkbox" checked={enabled.value} onChange={(event) => setEnabled(event.currentTarget.checked)} />
        Single keys do this in this browser
      </label>
      <div class="row end"><Button look="primary" onClick={() => (helpShown.value = false)}>Close</Button></div>
    </Dialog>
  );
}
