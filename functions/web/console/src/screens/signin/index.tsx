import { go, search } from "~/router";
import { Head } from "~/ui/page";
import { OutsidePage } from "~/ui/outside";
import { SignInForm } from "./form";
import { WithPasskey } from "./passkey";

/** Sign in, then go on to where the person wanted to be. */
export default function SignIn() {
  const next = search.value.get("next");
  const done = () => go(next?.startsWith("/app/") ? next : "/app", { replace: true });
  return (
    <OutsidePage width="narrow">
      <Head title="Sign in" />
      <div class="stack">
        <div class="card pad-l">
          <SignInForm onDone={done} />
        </div>
        <WithPasskey onDone={done} />
        <p><a href="/app/forgot">Forgot the password?</a></p>
        <p>No account yet? <a href="/app/signup">Make one</a>.</p>
      </div>
    </OutsidePage>
  );
}
