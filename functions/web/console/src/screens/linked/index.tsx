import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate } from "~/api/query";
import { link, placeOfReturn, tokenPage } from "~/linking";
import { go, type Params } from "~/router";
import { user } from "~/session";
import { Button, ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Field } from "~/ui/field";
import { OutsidePage } from "~/ui/outside";
import { Head } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { SignInForm } from "../signin/form";

interface Completion {
  state: string;
  code?: string;
  error?: string;
}

/** What comes here from ourselves: where the person finds the token that completes the link. */
interface Pasting {
  state: string;
  page: string;
}

/**
 * Where the browser comes back to from a consent page. What completes the link stands behind the `#` and is taken
 * out of the address at once; whoever is signed in is who it is completed for.
 */
export default function Linked({ params }: { params: Params }) {
  const provider = params.provider ?? "";
  const name = serviceName(provider);
  const given = useMemo(takeGiven, []);
  const pasted = useSignal<Completion | null>(null);
  const completion = given && "page" in given ? pasted.value : given;
  const error = useSignal<ApiError | null>(null);
  const someone = user.value;

  useEffect(() => {
    if (!someone || !completion) return;
    call(api.POST("/v1/providers/{provider}/link/complete", { params: { path: { provider } }, body: completion })).then(
      (status) => {
        invalidate("providers");
        toast(`${status.title} is linked${status.display_name ? ` as ${status.display_name}` : ""}.`);
        go(placeOfReturn(), { replace: true });
      },
      (thrown) => {
        error.value = asApiError(thrown);
      },
    );
  }, [someone?.id, completion]);

  if (someone === null && completion) {
    return (
      <OutsidePage width="narrow">
        <Head title="One more step">{name} has agreed. Sign in to link it to your account here.</Head>
        <div class="card pad-l"><SignInForm onDone={() => undefined} /></div>
      </OutsidePage>
    );
  }
  if (given && "page" in given && !completion) {
    return (
      <OutsidePage width="narrow">
        <Head title={`Link ${name}`}>{name} gives you a token, which stands for your password here. Keep it to yourself.</Head>
        <PasteForm name={name} page={given.page} onToken={(code) => (pasted.value = { state: given.state, code })} />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage width="narrow">
      <Head title={error.value || !completion ? `${name} is not linked` : `Linking ${name}`} />
      <div class="stack">
        {!completion && !error.value && (
          <Note tone="warn" title="Nothing came back to link">This page was opened a second time, or without a consent before it.</Note>
        )}
        {error.value && <Refused error={error.value} name={name} />}
        {!error.value && completion && <p role="status">A moment: {name} is being asked who you are.</p>}
        {(error.value || !completion) && (
          <div class="row">
            <Button look="primary" icon="link" onClick={() => void link(provider, "read", placeOfReturn()).catch((thrown) => (error.value = asApiError(thrown)))}>
              Try again at {name}
            </Button>
            <ButtonLink href={placeOfReturn()}>Back</ButtonLink>
          </div>
        )}
      </div>
    </OutsidePage>
  );
}

/** Where the token is, and the field for it. */
function PasteForm({ name, page, onToken }: { name: string; page: string; onToken: (token: string) => void }) {
  const token = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.value.trim()) onToken(token.value.trim());
  };
  return (
    <form class="card pad-l stack" onSubmit={submit}>
      <p>
        <a href={page} target="_blank" rel="noreferrer">Open {name}</a>, copy your user token, and paste it here.
      </p>
      <Field label={`Your ${name} token`} name="token" type="password" autocomplete="off" required onInput={(value) => (token.value = value)} />
      <div class="row">
        <Button look="primary" icon="link" submit>Link {name}</Button>
        <ButtonLink href={placeOfReturn()}>Back</ButtonLink>
      </div>
    </form>
  );
}

/** What was refused, and what to do about it; the API's words where it has better ones. */
function Refused({ error, name }: { error: ApiError; name: string }) {
  switch (error.slug) {
    case "consent-denied":
      return <Note live tone="warn" title="You did not agree">Nothing was linked, and {name} told us nothing about you.</Note>;
    case "too-little-access":
      return (
        <Note live tone="warn" title="A permission was unticked">
          Without it your playlists cannot be read. Try again and leave every box ticked; nothing is written until you move something.
        </Note>
      );
    case "link-expired":
      return <Note live tone="warn" icon="clock" title="That took more than ten minutes">The consent is good for ten minutes. Nothing was linked.</Note>;
    case "unknown-link-state":
      return (
        <Note live tone="warn" title="This consent was used, or begun by somebody else">
          Each works once, and only for who began it. If you are signed in as somebody else here, sign in as yourself first.
        </Note>
      );
    default:
      return <Failure error={error} />;
  }
}

function takeGiven(): Completion | Pasting | null {
  const given = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  const [state, code, error] = ["state", "code", "error"].map((name) => given.get(name));
  const page = tokenPage();
  if (state && page && !code && !error) return { state, page };
  if (!state || !(code || error)) return null;
  return code ? { state, code } : { state, error: error ?? "" };
}
