import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { usePasskey, whyNot } from "~/passkeys";
import { signedIn } from "~/session";
import { Button } from "~/ui/button";
import { Failure } from "~/ui/states";

/** Sign in with a passkey, where the browser has them. */
export function WithPasskey({ onDone }: { onDone: () => void }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  if (whyNot()) return null;
  const submit = async () => {
    busy.value = true;
    error.value = null;
    try {
      const begun = await call(api.POST("/v1/auth/passkeys/authentication"));
      const credential = await usePasskey(begun.options);
      if (!credential) return;
      const session = await call(api.POST("/v1/auth/login/passkey", { body: { ceremony: begun.ceremony, credential, as_cookie: true } }));
      signedIn(session.user);
      onDone();
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      {error.value && <Failure error={error.value} />}
      <Button icon="lock" full busy={busy.value} onClick={() => void submit()}>Sign in with a passkey</Button>
    </>
  );
}
