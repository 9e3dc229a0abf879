import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { signedOut, user } from "~/session";
import { Button, ButtonLink } from "~/ui/button";
import { Field } from "~/ui/field";
import { Note } from "~/ui/note";
import { Head } from "~/ui/page";
import { Failure } from "~/ui/states";
import { AccountTabs } from "./tabs";

/** Delete the account: at once and for good. */
export default function Delete() {
  const typed = useSignal("");
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const email = user.value?.email ?? "";
  const right = typed.value.trim().toLowerCase() === email.toLowerCase();
  const remove = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!right) return;
    busy.value = true;
    try {
      await call(api.DELETE("/v1/me"));
      signedOut();
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <div class="stack wide middle">
        {error.value && <Failure error={error.value} />}
        <Note tone="bad" title="This cannot be undone" actions={<ButtonLink compact href="/app/files">Take everything with you first</ButtonLink>}>
          Playlists, moves, pins, plays, figures and files here are deleted at once, and the services are told that we may no longer
          read. What was moved stays at the services.
        </Note>
        <form class="card pad-l stack" onSubmit={remove}>
          <Field label={`Type ${email} to delete this account`} name="email" type="text" autocomplete="off" value={typed.value} onInput={(value) => (typed.value = value)} />
          <div class="row end">
            <ButtonLink href="/app/account">Back</ButtonLink>
            <Button submit look="danger" busy={busy.value} refused={!right && "Type the address first."}>Delete the account</Button>
          </div>
        </form>
      </div>
    </>
  );
}
