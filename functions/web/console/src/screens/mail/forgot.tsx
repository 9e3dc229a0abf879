import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { go } from "~/router";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { OutsidePage } from "~/ui/outside";
import { Head } from "~/ui/page";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { CodeForm, type Announced } from "./code";

/** A forgotten password: a mail with a link and a code. */
export default function Forgot() {
  const announced = useSignal<Announced | null>(null);
  const email = useSignal("");
  const error = useSignal<ApiError | null>(null);
  const ask = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      announced.value = await call(api.POST("/v1/auth/password/forgot", { body: { email: email.value } }));
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const reset = async (code: string, password: string) => {
    await call(api.POST("/v1/auth/password/reset", { body: { confirmation: announced.value!.confirmation, code, new_password: password } }));
    go("/app/signin");
    toast("The password is changed. Sign in with it.");
  };
  return (
    <OutsidePage width="narrow">
      <Head title="A new password" />
      <div class="stack">
        {error.value && <Failure error={error.value} />}
        {announced.value ? (
          <CodeForm email={email.value} announced={announced.value} action="Change the password" withPassword onCode={reset} />
        ) : (
          <form class="card pad-l stack" onSubmit={ask}>
            <Field label="E-mail address" name="email" type="email" autocomplete="username" required value={email.value} onInput={(value) => (email.value = value)} hint="If there is an account with it, a mail goes there." />
            <Button submit look="primary" full>Send the mail</Button>
          </form>
        )}
        <p><a href="/app/signin">Back to signing in</a></p>
      </div>
    </OutsidePage>
  );
}
