import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { makePasskey, whyNot } from "~/passkeys";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";

type Passkey = Schemas["Passkey"];

/** Passkeys: listed, added by the browser, named, deleted. */
export function Passkeys() {
  const passkeys = useQuery("passkeys", (headers) => api.GET("/v1/auth/passkeys", { headers }));
  const error = useSignal<ApiError | null>(null);
  const dialog = useSignal<{ is: "add" } | { is: "name" | "delete"; one: Passkey } | null>(null);
  const close = () => (dialog.value = null);
  const attempt = async (act: () => Promise<unknown>, said: string) => {
    close();
    error.value = null;
    try {
      await act();
      await passkeys.reload();
      toast(said);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const refused = whyNot();
  const open = dialog.value;
  return (
    <Section title="Passkeys">
      {error.value && <Failure error={error.value} />}
      <Loaded query={passkeys}>
        {({ items }) =>
          items.length ? (
            <ul class="card rows" aria-label="Passkeys">
              {items.map((one) => (
                <li key={one.id}>
                  <span class="what">
                    <span class="strong"><bdi>{one.name}</bdi></span>
                    <span class="small">added {since(one.created_at)} · {one.last_used_at ? `last used ${since(one.last_used_at)}` : "not used yet"}</span>
                  </span>
                  <Button compact onClick={() => (dialog.value = { is: "name", one })} label={`Rename ${one.name}`}>Rename</Button>
                  <Button compact look="danger" onClick={() => (dialog.value = { is: "delete", one })} label={`Delete ${one.name}`}>Delete</Button>
                </li>
              ))}
            </ul>
          ) : (
            <p class="card pad soft">None yet. A passkey signs you in by finger, face or a device’s code, without a password.</p>
          )
        }
      </Loaded>
      <div class="row"><Button icon="plus" refused={refused} onClick={() => (dialog.value = { is: "add" })}>Add a passkey</Button>{refused && <span class="small soft">{refused}</span>}</div>
      {open?.is === "add" && (
        <Add
          onClose={close}
          onMade={async () => {
            close();
            await passkeys.reload();
            toast("Added. You can sign in with it from now on.");
          }}
        />
      )}
      {open?.is === "name" && (
        <Dialog title="Rename this passkey" onClose={close}>
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              const name = String(new FormData(event.currentTarget).get("name"));
              void attempt(() => call(api.PATCH("/v1/auth/passkeys/{passkey_id}", { params: { path: { passkey_id: open.one.id } }, body: { name } })), "Renamed.");
            }}
          >
            <Field label="Where it is kept" name="name" required maxLength={100} defaultValue={open.one.name} />
            <div class="row end"><Button onClick={close}>Cancel</Button><Button look="primary" submit>Rename</Button></div>
          </form>
        </Dialog>
      )}
      {open?.is === "delete" && (
        <Dialog title="Delete this passkey?" onClose={close}>
          <p>“<bdi>{open.one.name}</bdi>” lets nobody in here any more. Delete it on the device, too, so that it is not offered there.</p>
          <div class="row end">
            <Button onClick={close}>Leave it</Button>
            <Button look="danger" onClick={() => void attempt(() => call(api.DELETE("/v1/auth/passkeys/{passkey_id}", { params: { path: { passkey_id: open.one.id } } })), "Deleted.")}>Delete it</Button>
          </div>
        </Dialog>
      )}
    </Section>
  );
}

/** The password first: a passkey lets in for good. */
function Add({ onClose, onMade }: { onClose: () => void; onMade: () => Promise<void> }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = null;
    try {
      const begun = await call(api.POST("/v1/auth/passkeys/registration", { body: { password: String(given.get("password")) } }));
      const credential = await makePasskey(begun.options);
      if (credential) {
        await call(api.POST("/v1/auth/passkeys", { body: { ceremony: begun.ceremony, name: String(given.get("name")), credential } }));
        await onMade();
      } else {
        toast("No passkey was added.");
      }
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const wrong = (name: string) => error.value?.field(name) ?? null;
  return (
    <Dialog title="Add a passkey" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {error.value && !wrong("password") && !wrong("name") && <Failure error={error.value} />}
        <Field label="Where it is kept" name="name" required maxLength={100} placeholder="My phone" error={wrong("name")} />
        <Field label="Your password" name="password" type="password" autocomplete="current-password" required error={wrong("password")} />
        <div class="row end"><Button onClick={onClose}>Cancel</Button><Button look="primary" submit busy={busy.value}>Go on in the browser</Button></div>
      </form>
    </Dialog>
  );
}
