import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError, type ApiError } from "~/api/problem";
import type { Query } from "~/api/query";
import { KINDS } from "~/text/notices";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { standingOfDelivery } from "./state";

type Delivery = Schemas["Delivery"];

/** What a webhook was sent in 30 days, and what it answered. */
export function Deliveries({ webhook, latest }: { webhook: number; latest: Query<Schemas["DeliveryList"]> }) {
  const error = useSignal<ApiError | null>(null);
  const again = async (one: Delivery) => {
    error.value = null;
    try {
      await call(api.POST("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", { params: { path: { webhook_id: webhook, delivery_id: one.id } }, headers: once() }));
      await latest.reload();
      toast("Sent again, under the same id.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <Section title="What it was sent">
      {error.value && <Failure error={error.value} />}
      <Loaded query={latest}>
        {({ items, next_cursor }) =>
          items.length ? (
            <>
              <Rows items={items} again={again} />
              {next_cursor && <Earlier key={next_cursor} webhook={webhook} from={next_cursor} again={again} />}
            </>
          ) : (
            <p class="card pad soft">Nothing yet. Send a test to see whether it arrives.</p>
          )
        }
      </Loaded>
    </Section>
  );
}

function Earlier({ webhook, from, again }: { webhook: number; from: string; again: (one: Delivery) => Promise<void> }) {
  const isShown = useSignal(false);
  if (!isShown.value) return <div class="row"><Button compact onClick={() => (isShown.value = true)}>Show earlier ones</Button></div>;
  return <EarlierRows webhook={webhook} from={from} again={again} />;
}

function EarlierRows({ webhook, from, again }: { webhook: number; from: string; again: (one: Delivery) => Promise<void> }) {
  const pages = usePages<Delivery>(`deliveries/${webhook}/${from}`, (cursor) =>
    api.GET("/v1/webhooks/{webhook_id}/deliveries", { params: { path: { webhook_id: webhook }, query: { limit: 20, cursor: cursor ?? from } } }),
  );
  return (
    <>
      {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
      <Rows items={pages.items.value} again={again} />
      {!pages.complete.value && <div class="row"><Button compact onClick={() => void pages.more()}>Show earlier ones</Button></div>}
    </>
  );
}

function Rows({ items, again }: { items: readonly Delivery[]; again: (one: Delivery) => Promise<void> }) {
  return (
    <ul class="card rows" aria-label="Deliveries">
      {items.map((one) => {
        const standing = standingOfDelivery(one);
        const name = one.is_test ? "A test" : (KINDS[one.code as keyof typeof KINDS]?.[0] ?? one.code);
        return (
          <li key={one.id}>
            <span class="what">
              <span class="strong">{name}</span>
              <span class="small">{since(one.created_at)} · {one.status_message}</span>
              <details class="small">
                <summary>Message and answers</summary>
                <pre tabIndex={0} aria-label="Message"><code>{one.body}</code></pre>
                <ul>
                  {one.log.map((each) => (
                    <li key={each.at}>{since(each.at)}: {each.status ?? each.outcome}, {each.duration_ms.toLocaleString()} ms{each.answer && <> · <bdi>{each.answer.slice(0, 200)}</bdi></>}</li>
                  ))}
                </ul>
              </details>
            </span>
            <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
            {one.status !== "pending" && <Button compact onClick={() => void again(one)} label={`Send again: ${name}, ${since(one.created_at)}`}>Send again</Button>}
          </li>
        );
      })}
    </ul>
  );
}
