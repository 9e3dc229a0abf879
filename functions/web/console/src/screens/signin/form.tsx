import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { signedIn, type User } from "~/session";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Failure } from "~/ui/states";

/** Address and password. The session that they open is a cookie that this page cannot read. */
export function SignInForm({ email = "", onDone }: { email?: string; onDone: (user: User) => void }) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    try {
      const session = await call(
        api.POST("/v1/auth/login", {
          body: { email: String(given.get("email")), password: String(given.get("password")), as_cookie: true },
        }),
      );
      signedIn(session.user);
      onDone(session.user);
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };

  return (
    <form class="stack" onSubmit={submit}>
      {error.value && <Failure error={error.value} />}
      <Field label="E-mail address" name="email" type="email" autocomplete="username" required defaultValue={email} />
      <Field label="Password" name="password" type="password" autocomplete="current-password" required />
      <Button submit look="primary" full busy={busy.value}>Sign in</Button>
    </form>
  );
}
