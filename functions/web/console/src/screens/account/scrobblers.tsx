import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { AccountTabs } from "./tabs";

/** Tokens for programs that send what is played, and how to set one up. */
export default function Scrobblers() {
  const tokens = useQuery("tokens", (headers) => api.GET("/v1/auth/tokens", { headers }));
  const made = useSignal<Schemas["NewToken"] | null>(null);
  const error = useSignal<ApiError | null>(null);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    try {
      made.value = await call(api.POST("/v1/auth/tokens", { body: { name: String(new FormData(form).get("name")) }, headers: once() }));
      form.reset();
      await tokens.reload();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const revoke = async (id: number) => {
    try {
      await call(api.DELETE("/v1/auth/tokens/{token_id}", { params: { path: { token_id: id } } }));
      await tokens.reload();
      toast("Revoked. The program that used it can send nothing any more.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <div class="stack wide middle">
        {error.value && <Failure error={error.value} />}
        {made.value && (
          <Note live tone="ok" title="Your new token" actions={<Button compact onClick={() => void navigator.clipboard.writeText(made.value!.token).then(() => toast("Copied."))}>Copy</Button>}>
            <p>It is shown once. Put it into the program now.</p>
            <pre><code>{made.value.token}</code></pre>
          </Note>
        )}
        <Section title="A new token">
          <form class="card pad-l stack" onSubmit={make}>
            <Field label="For which program" name="name" required maxLength={100} placeholder="Player on my phone" error={error.value?.field("name")} />
            <div class="row end"><Button submit look="primary">Make a token</Button></div>
          </form>
        </Section>
        <Section title="How to set a scrobbler up">
          <dl class="card pad facts">
            <dt>ListenBrainz clients</dt><dd>Server <code>{location.origin}/</code> and the token.</dd>
            <dt>Last.fm clients</dt><dd>Server <code>{location.origin}/2.0/</code>; they ask you to sign in.</dd>
          </dl>
        </Section>
        <Section title="Tokens">
          <Loaded query={tokens}>
            {({ items }) =>
              items.length ? (
                <ul class="card rows">
                  {items.map((one) => (
                    <li key={one.id}>
                      <span class="what"><span class="strong"><bdi>{one.name}</bdi></span><span class="small">made {since(one.created_at)} · {one.last_used_at ? `last used ${since(one.last_used_at)}` : "not used yet"}</span></span>
                      <Button look="danger" compact onClick={() => void revoke(one.id)} label={`Revoke ${one.name}`}>Revoke</Button>
                    </li>
                  ))}
                </ul>
              ) : (
                <p class="card pad soft">None yet.</p>
              )
            }
          </Loaded>
        </Section>
      </div>
    </>
  );
}
