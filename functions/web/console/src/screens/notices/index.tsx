import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate } from "~/api/query";
import { KINDS, placeOf } from "~/text/notices";
import { since } from "~/text/times";
import { Button, ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Head } from "~/ui/page";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { SymbolTile } from "~/ui/tile";

type Notice = Schemas["Notice"];

/** What the person was told, the newest first. */
export default function Notices() {
  const error = useSignal<ApiError | null>(null);
  const pages = usePages<Notice>("notices", (cursor) => api.GET("/v1/notices", { params: { query: { limit: 30, cursor } } }));
  const items = pages.items.value;
  const newest = items[0];
  const isUnread = items.some((one) => one.read_at === null);

  const changed = (ids: ReadonlySet<number>, read_at: string | null) => {
    pages.items.value = pages.items.value.map((one) => (ids.has(one.id) ? { ...one, read_at } : one));
    invalidate("unread");
  };
  const mark = async (one: Notice, is_read: boolean) => {
    error.value = null;
    try {
      const after = await call(api.PATCH("/v1/notices/{notice_id}", { params: { path: { notice_id: one.id } }, body: { is_read } }));
      changed(new Set([one.id]), after.read_at);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const markAll = async () => {
    if (!newest) return;
    error.value = null;
    try {
      await call(api.POST("/v1/notices/read", { body: { until: newest.id } }));
      changed(new Set(items.filter((one) => one.read_at === null).map((one) => one.id)), new Date().toISOString());
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const failure = error.value ?? pages.error.value;
  return (
    <>
      <Head
        title="Notices"
        actions={
          <>
            <ButtonLink look="quiet" href="/app/account/notices">How you are told</ButtonLink>
            {isUnread && <Button icon="check" onClick={() => void markAll()}>Mark all as read</Button>}
          </>
        }
      >
        What happened while you were away, for 90 days.
      </Head>
      <div class="stack">
        {failure && <Failure error={failure} retry={() => void pages.more()} />}
        {items.length > 0 ? (
          <ul class="card rows" aria-label="Notices">
            {items.map((one) => (
              <li key={one.id}>
                <SymbolTile icon={KINDS[one.code][1]} />
                <span class="what">
                  <a href={placeOf(one)} onClick={() => void (one.read_at === null && mark(one, true))}>{one.title}</a>
                  <span class="small">{one.message}</span>
                  <span class="small faint">{since(one.occurred_at)}</span>
                </span>
                {one.read_at === null && <Chip tone="go" icon="bell">New</Chip>}
                <Button compact look="quiet" onClick={() => void mark(one, one.read_at === null)} label={`Mark “${one.title}” as ${one.read_at === null ? "read" : "not read"}`}>
                  {one.read_at === null ? "Read" : "Not read"}
                </Button>
              </li>
            ))}
          </ul>
        ) : pages.complete.value ? (
          <Empty icon="bell" title="Nothing to tell you">When a move is done, needs you or stops, it stands here.</Empty>
        ) : (
          !failure && <Skeleton rows={6} />
        )}
        {items.length > 0 && !pages.complete.value && <div class="row"><Button onClick={() => void pages.more()}>Show more</Button></div>}
      </div>
    </>
  );
}
