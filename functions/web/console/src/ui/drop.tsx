import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Upload } from "~/upload";
import { size } from "~/text/words";
import { Button } from "./button";
import { Icon } from "./icon";
import { Progress } from "./progress";
import "./drop.css";

interface Props {
  label: string;
  hint: string;
  accept?: string;
  running: Upload | null;
  onFile: (file: File) => void;
}

/** Where a file is dropped, or chosen; then how far its upload is. */
export function Drop({ label, hint, accept, running, onFile }: Props) {
  const over = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  if (running) {
    return (
      <div class="card pad-l stack">
        <p><b>{size(running.sent.value)} of {size(running.size)}</b> uploaded</p>
        <Progress value={running.sent.value} max={running.size} label="Uploaded" />
        <div class="row end"><Button icon="cross" onClick={() => running.cancel()}>Cancel</Button></div>
      </div>
    );
  }
  return (
    <div
      class={over.value ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        const file = event.dataTransfer?.files[0];
        if (file) onFile(file);
      }}
    >
      <Icon name="upload" />
      <p class="strong">{label}</p>
      <p class="small soft">{hint}</p>
      <Button onClick={() => input.current?.click()}>Choose a file</Button>
      <input
        ref={input}
        type="file"
        class="hidden-text"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
