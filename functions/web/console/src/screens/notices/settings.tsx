import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { user } from "~/session";
import { KINDS } from "~/text/notices";
import { ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { AccountTabs } from "../account/tabs";

type Settings = Schemas["Settings"];
type Choice = Schemas["ChannelChoice"];
type Code = keyof typeof KINDS;

/** How each kind of notice reaches the person, beside the list. */
export default function NoticeSettings() {
  const settings = useQuery("notices/settings", (headers) => api.GET("/v1/notices/settings", { headers }));
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <Loaded query={settings}>{(data) => <Table kinds={data.kinds} set={settings.set} />}</Loaded>
    </>
  );
}

function Table({ kinds, set }: { kinds: Settings["kinds"]; set: (value: Settings) => void }) {
  const error = useSignal<ApiError | null>(null);
  const change = async (code: Code, choice: Schemas["ChoiceChange"]) => {
    error.value = null;
    try {
      set(await call(api.PATCH("/v1/notices/settings", { body: { kinds: { [code]: choice } } })));
    } catch (thrown) {
      error.value = asApiError(thrown);
      set({ kinds: { ...kinds } });
    }
  };
  const codes = (Object.keys(KINDS) as Code[]).filter((code) => code in kinds);
  return (
    <div class="stack wide middle">
      {user.value?.email_confirmed_at === null && (
        <Note tone="warn" title="No mail reaches you yet" actions={<ButtonLink compact href="/app/account/signin">Confirm the address</ButtonLink>}>
          Mail goes to confirmed addresses only; {user.value.email} is not.
        </Note>
      )}
      {error.value && <Failure error={error.value} />}
      <div class="card">
        <table>
          <thead><tr><th scope="col">Tell me when</th><th scope="col">Mail</th><th scope="col">Webhooks</th></tr></thead>
          <tbody>
            {codes.map((code) => {
              const choice = kinds[code] as Choice;
              const [name] = KINDS[code];
              return (
                <tr key={code}>
                  <th scope="row">{name}</th>
                  <td>
                    {choice.is_fixed ? (
                      <span class="small soft">Always</span>
                    ) : (
                      <select aria-label={`${name}: mail`} value={choice.mail} onChange={(event) => void change(code, { mail: event.currentTarget.value as Choice["mail"] })}>
                        <option value="at_once">At once</option><option value="daily">Once a day</option><option value="none">No</option>
                      </select>
                    )}
                  </td>
                  <td>
                    <input
                      type="checkbox" aria-label={`${name}: webhooks`} checked={choice.webhook} disabled={choice.is_fixed}
                      onChange={(event) => void change(code, { webhook: event.currentTarget.checked })}
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="small soft">Once a day is one mail at eight in the morning of your time zone. Every notice stands in the list, too.</p>
    </div>
  );
}
