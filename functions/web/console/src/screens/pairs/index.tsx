import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { isBusy } from "~/text/pairs";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head } from "~/ui/page";
import { Empty, Failure, Loaded } from "~/ui/states";
import { MovesTabs } from "../moves/tabs";
import { PairRows } from "./rows";

type Pair = Schemas["Pair"];

const PAGE = 100;

/** All pairs: how each stands, what its last run did, when the next one is. */
export default function Pairs() {
  const pairs = useQuery(
    "pairs",
    (headers) => api.GET("/v1/pairs", { params: { query: { limit: PAGE } }, headers }),
    ({ items }) => (items.some(isBusy) ? WHILE_RUNNING_MS : items.length ? WHILE_WAITING_MS : null),
  );
  return (
    <>
      <Head title="Moves" actions={<ButtonLink look="primary" icon="plus" href="/app/moves/in-step/new">Keep a playlist in step</ButtonLink>} />
      <MovesTabs />
      <Loaded query={pairs}>
        {({ items, next_cursor }) =>
          items.length ? (
            <div class="stack">
              <Stopped items={items} />
              <PairRows items={items} />
              {next_cursor && <Others from={next_cursor} />}
            </div>
          ) : (
            <Empty icon="run" title="Nothing is kept in step yet" action={<ButtonLink href="/app/moves/in-step/new">Choose two playlists</ButtonLink>}>
              Two playlists of any services stay the same by themselves. You see what would be written first.
            </Empty>
          )
        }
      </Loaded>
    </>
  );
}

function Stopped({ items }: { items: readonly Pair[] }) {
  const stopped = items.filter((one) => one.status === "asking" && one.code !== "asking-first");
  if (!stopped.length) return null;
  const first = stopped[0]!;
  return (
    <Note tone="bad" icon="stop" title={`${count(stopped.length, "pair")} stopped before anything was taken out`} actions={<ButtonLink compact href={`/app/moves/in-step/${first.id}`}>Look</ButtonLink>}>
      <bdi>{first.left.name}</bdi>: {first.message}
    </Note>
  );
}

function Others({ from }: { from: string }) {
  const pages = usePages<Pair>(`pairs/from/${from}`, (cursor) => api.GET("/v1/pairs", { params: { query: { limit: PAGE, cursor: cursor ?? from } } }));
  return (
    <>
      {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
      <PairRows items={pages.items.value} />
      {!pages.complete.value && <Button onClick={() => void pages.more()}>Show more</Button>}
    </>
  );
}
