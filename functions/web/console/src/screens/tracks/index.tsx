import { useSignal } from "@preact/signals";
import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { useQuery } from "~/api/query";
import type { Params } from "~/router";
import { titleOf } from "~/text/moves";
import { Chip } from "~/ui/chip";
import { Segments } from "~/ui/field";
import { Head } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { VirtualList } from "~/ui/virtual";
import "./tracks.css";

type Track = Schemas["MigratedTrack"];
type Order = "order" | "score";

const PAGE = 100;

/** Every track that a move wrote, and what it became; each can be replaced. */
export default function Tracks({ params }: { params: Params }) {
  const id = Number(params.id);
  const order = useSignal<Order>("order");
  const migration = useQuery(`migrations/${id}`, (headers) => api.GET("/v1/migrations/{migration_id}", { params: { path: { migration_id: id } }, headers }));
  const pages = usePages<Track>(`migrations/${id}/written/${order.value}`, (cursor) =>
    api.GET("/v1/migrations/{migration_id}/tracks", {
      params: { path: { migration_id: id }, query: { written: true, limit: PAGE, cursor, sort: order.value === "score" ? "score" : undefined } },
    }),
  );
  const one = migration.data.value;
  const items = pages.items.value;
  return (
    <>
      <Head title="What was written" back={{ href: `/app/moves/${id}`, label: one ? titleOf(one) : "The move" }}>
        Open a track to put another one in its place.
      </Head>
      <div class="stack">
        <div class="row">
          <Segments
            label="Order" value={order.value} onChange={(value) => (order.value = value)}
            choices={[{ value: "order", label: "As in the playlist" }, { value: "score", label: "Least sure first" }]}
          />
        </div>
        {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
        {items.length > 0 ? (
          <div class="card written">
            <VirtualList
              label="Tracks"
              items={items}
              total={one?.progress.tracks.written}
              keyOf={(track) => track.id}
              onEnd={() => void pages.more()}
              row={(track) => (
                <>
                  <a class="line strong" href={`/app/moves/${id}/tracks/${track.id}`}><bdi>{track.source_title}</bdi></a>
                  <span class="line soft"><bdi>{track.source_artist}</bdi></span>
                  <span class="line small">{serviceName(track.target_provider)}: <bdi>{track.target_title}</bdi></span>
                  {track.decision && <Chip icon="person">{track.decision.status === "queued" ? "Being replaced" : "Your choice"}</Chip>}
                </>
              )}
            />
          </div>
        ) : pages.complete.value ? (
          <Empty icon="moves" title="Nothing is written">What a move wrote stands here, track by track.</Empty>
        ) : (
          !pages.error.value && <Skeleton rows={8} />
        )}
      </div>
    </>
  );
}
