import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, call, once, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { go, type Params } from "~/router";
import { moment, since } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Dialog } from "~/ui/dialog";
import { Head } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Deliveries } from "./deliveries";
import { Secret } from "./secret";
import { fresh, standingOfWebhook } from "./state";

type Webhook = Schemas["Webhook"];

/** One webhook: on or off, a test, another secret, and what it was sent. */
export default function WebhookPage({ params }: { params: Params }) {
  const id = Number(params.id);
  const webhook = useQuery(`webhooks/${id}`, (headers) => api.GET("/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: id } }, headers }));
  useEffect(() => () => void (fresh.value = null), []);
  return <Loaded query={webhook}>{(one) => <Content one={one} set={webhook.set} />}</Loaded>;
}

function Content({ one, set }: { one: Webhook; set: (value: Webhook) => void }) {
  const error = useSignal<ApiError | null>(null);
  const asked = useSignal<"secret" | "delete" | null>(null);
  const path = { webhook_id: one.id };
  const standing = standingOfWebhook(one);
  const deliveries = useQuery(
    `webhooks/${one.id}/deliveries`,
    (headers) => api.GET("/v1/webhooks/{webhook_id}/deliveries", { params: { path, query: { limit: 20 } }, headers }),
    ({ items }) => (items.some((each) => each.status === "pending" && each.attempts === 0) ? WHILE_RUNNING_MS : items.some((each) => each.status === "pending") ? WHILE_WAITING_MS : null),
  );
  const attempt = async (act: () => Promise<void>) => {
    asked.value = null;
    error.value = null;
    try {
      await act();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const test = () =>
    attempt(async () => {
      await call(api.POST("/v1/webhooks/{webhook_id}/test", { params: { path }, headers: once() }));
      await deliveries.reload();
      toast("Sent. What it answered stands below.");
    });
  const turn = (is_enabled: boolean) =>
    attempt(async () => {
      set(await call(api.PATCH("/v1/webhooks/{webhook_id}", { params: { path }, body: { is_enabled } })));
      toast(is_enabled ? "It is on." : "It is off; nothing is sent.");
    });
  const another = () =>
    attempt(async () => {
      const { secret, ...rest } = await call(api.POST("/v1/webhooks/{webhook_id}/secret", { params: { path }, body: { overlap_hours: 24 } }));
      fresh.value = { id: one.id, secret };
      set(rest);
    });
  const remove = () =>
    attempt(async () => {
      await call(api.DELETE("/v1/webhooks/{webhook_id}", { params: { path } }));
      go("/app/account/webhooks");
      invalidate("webhooks");
      toast("Deleted.");
    });
  return (
    <>
      <Head
        title={one.name}
        isName
        back={{ href: "/app/account/webhooks", label: "Webhooks" }}
        actions={
          <>
            <Button icon="run" onClick={() => void test()}>Send a test</Button>
            {one.is_enabled ? <Button icon="pause" onClick={() => void turn(false)}>Switch off</Button> : <Button icon="play" onClick={() => void turn(true)}>Switch on</Button>}
          </>
        }
      >
        <bdi>{one.url}</bdi>
      </Head>
      <div class="stack wide middle">
        {error.value && <Failure error={error.value} />}
        <div class="card pad stack">
          <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
          <p class="small soft">
            Made {since(one.created_at)}.
            {one.previous_secret_until && Date.parse(one.previous_secret_until) > Date.now() && ` The secret before signs, too, until it ends ${moment(one.previous_secret_until)}.`}
          </p>
          <div class="row">
            <Button compact icon="lock" onClick={() => (asked.value = "secret")}>Make another secret</Button>
            <Button compact look="danger" icon="trash" onClick={() => (asked.value = "delete")}>Delete</Button>
          </div>
        </div>
        <Deliveries webhook={one.id} latest={deliveries} />
      </div>
      {asked.value === "secret" && (
        <Dialog title="Make another secret?" onClose={() => (asked.value = null)}>
          <p>For a day messages are signed by both, so that nothing is refused meanwhile. The new one is shown once.</p>
          <div class="row end"><Button onClick={() => (asked.value = null)}>Leave it</Button><Button look="primary" onClick={() => void another()}>Make it</Button></div>
        </Dialog>
      )}
      {asked.value === "delete" && (
        <Dialog title="Delete this webhook?" onClose={() => (asked.value = null)}>
          <p>Nothing is sent there any more, and the list of what was sent goes with it.</p>
          <div class="row end"><Button onClick={() => (asked.value = null)}>Leave it</Button><Button look="danger" onClick={() => void remove()}>Delete it</Button></div>
        </Dialog>
      )}
      <Secret />
    </>
  );
}
