import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { go } from "~/router";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Field } from "~/ui/field";
import { Head, Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { AccountTabs } from "../account/tabs";
import { Secret } from "./secret";
import { fresh, standingOfWebhook } from "./state";

type Webhook = Schemas["Webhook"];

/** Endpoints of the person's own that get their notices. */
export default function Webhooks() {
  const webhooks = useQuery("webhooks", (headers) => api.GET("/v1/webhooks", { params: { query: { limit: 20 } }, headers }));
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = null;
    try {
      const body = { name: String(given.get("name")), url: String(given.get("url")) };
      const made = await call(api.POST("/v1/webhooks", { body, headers: once() }));
      fresh.value = { id: made.id, secret: made.secret };
      go(`/app/account/webhooks/${made.id}`);
      await webhooks.reload();
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const wrong = (name: string) => error.value?.field(name) ?? null;
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <div class="stack wide middle">
        <Section title="A new webhook">
          <form class="card pad-l stack" onSubmit={make}>
            {error.value && !wrong("name") && !wrong("url") && <Failure error={error.value} />}
            <Field label="What it is for" name="name" required maxLength={100} placeholder="My house" error={wrong("name")} />
            <Field label="Address" name="url" type="url" required placeholder="https://" hint="It gets your notices as signed messages (Standard Webhooks)." error={wrong("url")} />
            <div class="row end"><Button submit look="primary" busy={busy.value}>Make a webhook</Button></div>
          </form>
        </Section>
        <Section title="Webhooks">
          <Loaded query={webhooks}>
            {({ items }) => (items.length ? <Rows items={items} /> : <p class="card pad soft">None yet.</p>)}
          </Loaded>
        </Section>
      </div>
      <Secret />
    </>
  );
}

function Rows({ items }: { items: readonly Webhook[] }) {
  return (
    <ul class="card rows">
      {items.map((one) => {
        const standing = standingOfWebhook(one);
        return (
          <li key={one.id}>
            <span class="what">
              <a href={`/app/account/webhooks/${one.id}`}><bdi>{one.name}</bdi></a>
              <span class="small"><bdi>{one.url}</bdi></span>
            </span>
            <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
          </li>
        );
      })}
    </ul>
  );
}
