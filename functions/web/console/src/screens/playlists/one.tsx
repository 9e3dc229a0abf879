import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { useQuery } from "~/api/query";
import { draft, toExport } from "~/draft";
import { go, type Params } from "~/router";
import { length, since } from "~/text/times";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Head, Outside, Section } from "~/ui/page";
import { Service, serviceName } from "~/ui/service";
import { Empty, Failure, Loaded, Skeleton } from "~/ui/states";
import { VirtualList } from "~/ui/virtual";
import { begin } from "../pairs/draft";
import { Condition } from "./condition";
import { Sharing } from "./share";
import "./one.css";

type Snapshot = Schemas["PlaylistSnapshot"];
type Entry = Schemas["PlaylistTrack"];

/** One playlist as it is at its service, entry by entry. */
export default function Playlist({ params }: { params: Params }) {
  const id = Number(params.id);
  const playlist = useQuery(`playlists/one/${id}`, (headers) =>
    api.GET("/v1/playlists/{playlist_id}", { params: { path: { playlist_id: id } }, headers }),
  );
  return <Loaded query={playlist}>{(one) => <Content one={one} />}</Loaded>;
}

function Content({ one }: { one: Snapshot }) {
  const move = () => {
    draft.value = { from: one.provider, playlists: [one.provider_playlist_id], names: [one.name], tracks: one.track_count };
    go("/app/move/where");
  };
  const takeAsFile = () => {
    toExport.value = { provider: one.provider, playlists: [one.provider_playlist_id], names: [one.name] };
    go("/app/files");
  };
  const keepInStep = () => {
    begin(one);
    go("/app/moves/in-step/new");
  };
  return (
    <>
      <Head
        title={one.name}
        isName
        back={{ href: `/app/playlists?service=${one.provider}`, label: "Playlists" }}
        actions={
          one.can_read && (
            <>
              <Button icon="download" onClick={takeAsFile}>Take as a file</Button>
              <Button icon="run" onClick={keepInStep}>Keep in step</Button>
              <Button look="primary" icon="moves" onClick={move}>Move</Button>
            </>
          )
        }
      >
        <Service provider={one.provider} /> · {count(one.track_count, "track")}
        {one.owner && <> · by <bdi>{one.owner}</bdi></>} · read {since(one.last_synced_at)} ·{" "}
        <Outside href={one.url}>Open at {serviceName(one.provider)}</Outside>
      </Head>
      <div class="stack wide">
        {one.description && <p class="soft"><bdi>{one.description}</bdi></p>}
        {one.targets.length > 0 && (
          <Section title="Where it is, too">
            <ul class="card rows">
              {one.targets.map((target) => (
                <li key={target.provider}>
                  <span class="what"><a href={`/app/moves/${target.migration_id}`}><bdi>{target.name}</bdi></a><span class="small">since {since(target.since)}</span></span>
                  <Outside href={target.url}>Open at {serviceName(target.provider)}</Outside>
                </li>
              ))}
            </ul>
          </Section>
        )}
        {one.is_own && !one.is_liked && <Condition place={{ provider: one.provider, playlist_id: one.provider_playlist_id }} />}
        {one.can_read && !one.is_liked && <Sharing id={one.id} />}
        {one.can_read ? (
          <Entries one={one} />
        ) : (
          <Empty icon="lock" title="What is in it cannot be read">
            {serviceName(one.provider)} shows other services only what you own or work on. Copy it there into a playlist of yours to move it.
          </Empty>
        )}
      </div>
    </>
  );
}

function Entries({ one }: { one: Snapshot }) {
  const path = { provider: one.provider, playlist_id: one.provider_playlist_id };
  const pages = usePages<Entry>(`playlists/${one.id}/tracks`, (cursor) =>
    api.GET("/v1/playlists/{provider}/{playlist_id}/tracks", { params: { path, query: { cursor } } }),
  );
  const items = pages.items.value;
  if (pages.error.value && !items.length) return <Failure error={pages.error.value} retry={() => void pages.more()} />;
  if (!items.length) return pages.complete.value ? <Empty icon="playlists" title="This playlist is empty" /> : <Skeleton rows={8} />;
  return (
    <Section title="Tracks" count={one.track_count}>
      {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
      <div class="card entries">
        <VirtualList
          label={`Tracks of ${one.name}`}
          items={items}
          total={one.track_count}
          keyOf={(entry) => entry.position}
          onEnd={() => void pages.more()}
          row={(entry) => (
            <>
              <span class="position number faint">{(entry.position + 1).toLocaleString()}</span>
              <span class="title line strong">{entry.url ? <a href={entry.url} target="_blank" rel="noreferrer"><bdi>{entry.title}</bdi></a> : <bdi>{entry.title}</bdi>}</span>
              <span class="artist line soft"><bdi>{entry.artists.join(", ")}</bdi></span>
              {entry.reason && <Chip tone="warn" icon="warn">{WHY[entry.reason.code] ?? entry.reason.message}</Chip>}
              <span class="length number soft">{length(entry.duration_ms)}</span>
            </>
          )}
        />
      </div>
      <p class="small soft">What stands here is {serviceName(one.provider)}’s; each title leads there.</p>
    </Section>
  );
}

const WHY: Record<string, string> = { "local-file": "A file of yours", episode: "An episode", unavailable: "Not available" };
