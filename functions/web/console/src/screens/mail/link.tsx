import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { go, path } from "~/router";
import { restore, signedIn } from "~/session";
import { Button, ButtonLink } from "~/ui/button";
import { NewPassword } from "~/ui/new-password";
import { Note } from "~/ui/note";
import { OutsidePage } from "~/ui/outside";
import { Head } from "~/ui/page";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";

type Kind = "sign-up" | "sign-in" | "reset" | "address";

const TITLES: Record<Kind, [string, string]> = {
  "sign-up": ["Confirm your address", "Confirm and go on"],
  "sign-in": ["Sign in by mail", "Sign in"],
  reset: ["A new password", "Change the password"],
  address: ["Confirm your new address", "Confirm"],
};

/** Where the link of a mail leads. Opening it does nothing yet: programs that look through mail open links, too. */
export default function MailLink() {
  const kind = path.value.split("/").pop() as Kind;
  const [title, action] = TITLES[kind];
  const token = useMemo(takeToken, []);
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);

  const confirm = async (event: SubmitEvent) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get("new") ?? "");
    busy.value = true;
    error.value = null;
    try {
      if (kind === "sign-up") {
        signedIn((await call(api.POST("/v1/auth/signup/confirm", { body: { token, as_cookie: true } }))).user);
        go("/app/start", { replace: true });
      } else if (kind === "sign-in") {
        signedIn((await call(api.POST("/v1/auth/login/confirm", { body: { token, as_cookie: true } }))).user);
        go("/app", { replace: true });
      } else if (kind === "reset") {
        await call(api.POST("/v1/auth/password/reset", { body: { token, new_password: password } }));
        go("/app/signin", { replace: true });
        toast("The password is changed. Sign in with it.");
      } else {
        await call(api.POST("/v1/auth/email/confirm", { body: { token } }));
        await restore();
        go("/app/account", { replace: true });
        toast("The address is changed.");
      }
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <OutsidePage width="narrow">
      <Head title={title} />
      <div class="stack">
        {error.value && <Failure error={error.value} />}
        {token ? (
          <form class="card pad-l stack" onSubmit={confirm}>
            {kind === "reset" && <NewPassword error={error.value?.field("new_password")} />}
            <Button submit look="primary" full busy={busy.value}>{action}</Button>
          </form>
        ) : (
          <Note tone="warn" title="This link is not whole" actions={<ButtonLink href="/app/signin">Sign in</ButtonLink>}>Open it again from the mail, or ask for a new one.</Note>
        )}
      </div>
    </OutsidePage>
  );
}

/** Take the secret out of the address at once. */
function takeToken(): string {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  return token;
}
