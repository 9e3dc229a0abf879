import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { restore, user } from "~/session";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Field } from "~/ui/field";
import { Section } from "~/ui/page";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { CodeForm, type Announced } from "../mail/code";

/** The mail address: whether it is confirmed, and another one. */
export function Address() {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const asked = useSignal<{ email: string; announced: Announced } | null>(null);
  const someone = user.value;
  if (!someone) return null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const email = String(given.get("email"));
    busy.value = true;
    error.value = null;
    try {
      asked.value = { email, announced: await call(api.POST("/v1/auth/email", { body: { email, password: String(given.get("password")) } })) };
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const confirm = async (code: string) => {
    await call(api.POST("/v1/auth/email/confirm", { body: { code, confirmation: asked.value!.announced.confirmation } }));
    await restore();
    asked.value = null;
    toast("Confirmed. This is your address from now on.");
  };
  const wrong = (name: string) => error.value?.field(name) ?? null;
  return (
    <Section title="Mail address">
      <div class="card pad row">
        <b class="grow">{someone.email}</b>
        {someone.email_confirmed_at ? <Chip tone="ok" icon="check">Confirmed {since(someone.email_confirmed_at)}</Chip> : <Chip tone="warn" icon="warn">Not confirmed</Chip>}
      </div>
      {asked.value ? (
        <>
          <CodeForm email={asked.value.email} announced={asked.value.announced} action="Confirm" onCode={confirm} />
          <div class="row"><Button compact look="quiet" onClick={() => (asked.value = null)}>Another address</Button></div>
        </>
      ) : (
        <form class="card pad-l stack" onSubmit={submit}>
          {error.value && !wrong("email") && !wrong("password") && <Failure error={error.value} />}
          <Field
            label={someone.email_confirmed_at ? "New address" : "Address to confirm"} name="email" type="email" required autocomplete="email"
            defaultValue={someone.email_confirmed_at ? "" : someone.email} error={wrong("email")} hint="A mail goes there; until it is confirmed, nothing changes."
          />
          <Field label="Your password" name="password" type="password" autocomplete="current-password" required error={wrong("password")} />
          <div class="row end"><Button submit busy={busy.value}>Send the mail</Button></div>
        </form>
      )}
    </Section>
  );
}
