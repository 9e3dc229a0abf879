import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { since } from "~/text/times";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Field } from "~/ui/field";
import { NewPassword } from "~/ui/new-password";
import { Head, Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Address } from "./address";
import { Passkeys } from "./passkeys";
import { AccountTabs } from "./tabs";

/** The address, passkeys, the password, and where the person is signed in. */
export default function SignInSettings() {
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <div class="stack wide middle"><Address /><Passkeys /><Password /><Sessions /></div>
    </>
  );
}

function Password() {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const wrong = (name: string) => error.value?.field(name) ?? null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    busy.value = true;
    error.value = null;
    try {
      await call(
        api.POST("/v1/auth/password", {
          body: { current_password: String(given.get("current")), new_password: String(given.get("new")), revoke_tokens: given.get("revoke") === "on" },
        }),
      );
      form.reset();
      toast("The password is changed. Everywhere else you are signed out.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const known = wrong("current_password") || wrong("new_password");
  return (
    <Section title="Password">
      <form class="card pad-l stack" onSubmit={submit}>
        {error.value && !known && <Failure error={error.value} />}
        <Field label="Current password" name="current" type="password" autocomplete="current-password" required error={wrong("current_password")} />
        <NewPassword error={wrong("new_password")} />
        <label class="row"><input type="checkbox" name="revoke" checked /> Scrobblers and programs have to be set up again</label>
        <div class="row end"><Button submit look="primary" busy={busy.value}>Change the password</Button></div>
      </form>
    </Section>
  );
}

function Sessions() {
  const error = useSignal<ApiError | null>(null);
  const sessions = useQuery("sessions", (headers) => api.GET("/v1/auth/sessions", { headers }));
  const end = async (id: number) => {
    try {
      await call(api.DELETE("/v1/auth/sessions/{session_id}", { params: { path: { session_id: id } } }));
      await sessions.reload();
      toast("Signed out there.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const endOthers = async () => {
    try {
      const { revoked } = await call(api.DELETE("/v1/auth/sessions"));
      await sessions.reload();
      toast(`Signed out in ${count(revoked, "other place")}.`);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <Section title="Where you are signed in">
      {error.value && <Failure error={error.value} />}
      <Loaded query={sessions}>
        {({ items }) => (
          <>
            <ul class="card rows">
              {items.map((one) => (
                <li key={one.id}>
                  <span class="what">
                    <span class="strong">{browserOf(one.user_agent)}</span>
                    <span class="small">{one.ip_address} · since {since(one.created_at)} · last used {since(one.last_used_at)}</span>
                  </span>
                  {one.current ? <Chip tone="ok" icon="check">Here</Chip> : <Button compact onClick={() => void end(one.id)}>Sign out there</Button>}
                </li>
              ))}
            </ul>
            {items.length > 1 && <Button onClick={() => void endOthers()}>Sign out everywhere else</Button>}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function browserOf(agent: string | null): string {
  const text = agent ?? "";
  const name = ["Firefox", "Edg", "OPR", "Chrome", "Safari"].find((one) => text.includes(one));
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"].find((one) => text.includes(one));
  if (!name) return text.slice(0, 60) || "A program";
  return `${{ Edg: "Edge", OPR: "Opera" }[name] ?? name}${system ? ` on ${system}` : ""}`;
}
