import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { enabled, setEnabled } from "~/keys";
import { signedIn, signOut, user } from "~/session";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Head, Section } from "~/ui/page";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";
import { AccountTabs } from "./tabs";

type Change = Schemas["ProfileChange"];

const ZONES = Intl.supportedValuesOf("timeZone");

/** Name, time zone, how careful matching is, keys; and signing out. */
export default function Profile() {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const someone = user.value;
  if (!someone) return null;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = null;
    try {
      const body: Change = {
        display_name: String(given.get("display_name")),
        time_zone: String(given.get("time_zone")),
        match_strictness: given.get("strictness") as Change["match_strictness"],
        match_content: given.get("content") as Change["match_content"],
      };
      signedIn(await call(api.PATCH("/v1/me", { body })));
      toast("Saved.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const leave = async () => {
    try {
      await signOut();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const zones = ZONES.includes(someone.time_zone) ? ZONES : [someone.time_zone, ...ZONES];
  return (
    <>
      <Head title="Account" actions={<Button icon="out" onClick={() => void leave()}>Sign out</Button>}>{someone.email}</Head>
      <AccountTabs />
      <div class="stack wide middle">
        {error.value && <Failure error={error.value} />}
        <form class="card pad-l stack" onSubmit={submit}>
          <Field label="Name" name="display_name" required maxLength={100} defaultValue={someone.display_name} error={error.value?.field("display_name")} />
          <div class="field">
            <label for="time_zone">Time zone</label>
            <select id="time_zone" name="time_zone" defaultValue={someone.time_zone}>
              {zones.map((zone) => <option key={zone} selected={zone === someone.time_zone}>{zone}</option>)}
            </select>
            <p class="hint">Your days begin and your times are told by it.</p>
          </div>
          <div class="field">
            <label for="strictness">What is asked about</label>
            <select id="strictness" name="strictness">
              <option value="strict" selected={someone.match_strictness === "strict"}>Every difference</option>
              <option value="lenient" selected={someone.match_strictness === "lenient"}>Only what sounds different</option>
            </select>
          </div>
          <div class="field">
            <label for="content">Where there are two versions of the words</label>
            <select id="content" name="content">
              <option value="same" selected={someone.match_content === "same"}>The same as yours</option>
              <option value="explicit" selected={someone.match_content === "explicit"}>Explicit</option>
              <option value="clean" selected={someone.match_content === "clean"}>Clean</option>
            </select>
          </div>
          <div class="row end"><Button submit look="primary" busy={busy.value}>Save</Button></div>
        </form>
        <Section title="Keys">
          <label class="card pad row">
            <input type="checkbox" checked={enabled.value} onChange={(event) => setEnabled(event.currentTarget.checked)} />
            Single keys act in this browser; “?” shows which
          </label>
        </Section>
      </div>
    </>
  );
}
