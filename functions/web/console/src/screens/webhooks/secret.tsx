import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { toast } from "~/ui/toast";
import { fresh } from "./state";

/** A secret, once: it cannot be shown again, so it goes only when the person says so. */
export function Secret() {
  const made = fresh.value;
  if (!made) return null;
  const close = () => (fresh.value = null);
  return (
    <Dialog title="The secret" onClose={close}>
      <p>It signs every message, and is shown once. Give it to the program that gets them.</p>
      <pre tabIndex={0} aria-label="Secret"><code>{made.secret}</code></pre>
      <div class="row end">
        <Button onClick={() => void navigator.clipboard.writeText(made.secret).then(() => toast("Copied."))}>Copy</Button>
        <Button look="primary" onClick={close}>I have it</Button>
      </div>
    </Dialog>
  );
}
