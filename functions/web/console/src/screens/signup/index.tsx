import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { go } from "~/router";
import { signedIn } from "~/session";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { NewPassword } from "~/ui/new-password";
import { Head, Steps } from "~/ui/page";
import { OutsidePage } from "~/ui/outside";
import { Failure } from "~/ui/states";
import { CodeForm, type Announced } from "../mail/code";

type Session = Schemas["NewSession"];

/** Make an account: the first of three steps to a first move. */
export default function SignUp() {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const email = useSignal("");
  const announced = useSignal<Announced | null>(null);
  const confirm = async (code: string) => {
    const body = { confirmation: announced.value!.confirmation, code, as_cookie: true };
    signedIn((await call(api.POST("/v1/auth/signup/confirm", { body }))).user);
    go("/app/start", { replace: true });
  };
  const wrong = (name: string) => error.value?.field(name) ?? null;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const name = String(given.get("name") ?? "").trim();
    busy.value = true;
    try {
      const answer: Session | Announced = await call(
        api.POST("/v1/auth/signup", {
          body: {
            email: String(given.get("email")),
            password: String(given.get("password")),
            display_name: name || null,
            time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
            as_cookie: true,
          },
        }),
      );
      if ("confirmation" in answer) {
        email.value = String(given.get("email"));
        announced.value = answer;
        return;
      }
      signedIn(answer.user);
      go("/app/start", { replace: true });
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };

  const fields = ["email", "password", "display_name", "time_zone"];
  const elsewhere = error.value && !fields.some((name) => wrong(name)) ? error.value : null;
  return (
    <OutsidePage width="narrow">
      <Steps label="To your first move" steps={["Account", "Link two services", "Choose playlists"]} at={0} />
      <Head title={announced.value ? "Confirm your address" : "Make an account"} />
      <div class="stack">
        {announced.value ? (
          <CodeForm email={email.value} announced={announced.value} action="Confirm and go on" onCode={confirm} />
        ) : (
        <form class="card pad-l stack" onSubmit={submit}>
          {elsewhere && <Failure error={elsewhere} />}
          <Field label="E-mail address" name="email" type="email" autocomplete="username" required error={wrong("email")} />
          <NewPassword label="Password" name="password" hint="Long beats complicated." error={wrong("password")} />
          <Field label="Your name (optional)" name="name" autocomplete="name" maxLength={100} hint="How we greet you." error={wrong("display_name")} />
          <p class="small soft">
            MusicConnect uses YouTube API Services. By making an account you agree to{" "}
            <a href="https://www.youtube.com/t/terms" target="_blank" rel="noreferrer">YouTube’s terms of service</a>;{" "}
            <a href="https://policies.google.com/privacy" target="_blank" rel="noreferrer">Google’s privacy policy</a> says what Google does with
            what it learns.
          </p>
          <Button submit look="primary" full busy={busy.value}>Make an account</Button>
        </form>
        )}
        <p>You have one? <a href="/app/signin">Sign in</a>.</p>
      </div>
    </OutsidePage>
  );
}
