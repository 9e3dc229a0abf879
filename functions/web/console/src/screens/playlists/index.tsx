import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api, call } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError, type ApiError } from "~/api/problem";
import { useProviders, type ProviderStatus } from "~/api/providers";
import { useQuery, WHILE_RUNNING_MS } from "~/api/query";
import { draft, toExport, type LibraryPart } from "~/draft";
import { go, search, setQuery } from "~/router";
import { since } from "~/text/times";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Head } from "~/ui/page";
import { Service } from "~/ui/service";
import { Empty, Failure, Loaded, Skeleton } from "~/ui/states";
import { type Checked, useChecked } from "./checked";
import { Chooser, type Chosen, type Snapshot } from "./chooser";
import { Unchecked } from "./unchecked";

const PAGE = 200;
const MAX_IN_A_FILE = 500;

/** Playlists of one service at a time; services' content is never mixed. */
export default function Playlists() {
  const providers = useProviders();
  return (
    <Loaded query={providers}>
      {({ items }) => {
        const linked = items.filter((one) => one.linked);
        const shown = linked.find((one) => one.provider === search.value.get("service")) ?? linked[0];
        if (!shown) return <NothingLinked />;
        return <OfService key={shown.provider} shown={shown} all={items} />;
      }}
    </Loaded>
  );
}

function NothingLinked() {
  return (
    <>
      <Head title="Playlists" />
      <Empty icon="link" title="No service is linked yet" action={<ButtonLink look="primary" href="/app/start">Link a service</ButtonLink>}>
        Your playlists appear here a few seconds after you link a service.
      </Empty>
    </>
  );
}

const LIBRARY: Record<LibraryPart, { title: string; name: string; about: string }> = {
  artists: {
    title: "Artists whom you follow",
    name: "followed artists",
    about: "You follow them at the other service, too. Whoever is not certain is asked about.",
  },
  albums: {
    title: "Albums that you saved",
    name: "saved albums",
    about: "They are saved at the other service, too, where it lets us; elsewhere each becomes a playlist. What is not certain is asked about.",
  },
};

function OfService({ shown, all }: { shown: ProviderStatus; all: readonly ProviderStatus[] }) {
  const provider = shown.provider;
  const chosen = useSignal<Chosen>(new Set());
  const parts = useSignal<LibraryPart[]>([]);
  const error = useSignal<ApiError | null>(null);
  const pages = usePages<Snapshot>(
    `playlists/${provider}`,
    (cursor) => api.GET("/v1/playlists", { params: { query: { provider, limit: PAGE, cursor } } }),
    true,
  );
  const syncs = useQuery(
    "playlists/sync",
    (headers) => api.GET("/v1/playlists/sync", { headers }),
    (data) => (data.items.some((one) => one.is_under_way) ? WHILE_RUNNING_MS : null),
  );
  const sync = syncs.data.value?.items.find((one) => one.provider === provider);
  useEffect(() => {
    // What was read since then is shown without being asked for.
    if (sync && !sync.is_under_way && sync.playlists !== pages.items.value.length && pages.complete.value) void pages.restart().then(pages.all);
  }, [sync?.is_under_way, sync?.playlists]);

  const readAgain = async () => {
    try {
      syncs.set(await call(api.POST("/v1/playlists/sync", { body: { provider } })));
      await syncs.reload();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const items = pages.items.value;
  const checked = useChecked(provider);
  const dead = useMemo(() => deadBy(checked.data.value?.items ?? []), [checked.data.value]);
  const selected = items.filter((one) => chosen.value.has(one.provider_playlist_id));
  const tracks = selected.reduce((sum, one) => sum + one.track_count, 0);
  const moveChosen = () => {
    draft.value = {
      from: provider,
      playlists: selected.map((one) => one.provider_playlist_id),
      names: selected.map((one) => one.name),
      tracks,
      library: parts.value,
    };
    go("/app/move/where");
  };
  const takeAsFile = () => {
    toExport.value = { provider, playlists: selected.map((one) => one.provider_playlist_id), names: selected.map((one) => one.name) };
    go("/app/files");
  };
  const failure = error.value ?? pages.error.value;
  return (
    <>
      <Head
        title="Playlists"
        actions={
          <>
            <ButtonLink icon="upload" href="/app/files/import">Paste or bring a list</ButtonLink>
            <ButtonLink icon="check" href="/app/playlists/looked-after">Looked after</ButtonLink>
            <Button icon="run" busy={sync?.is_under_way} onClick={readAgain}>
              {sync?.is_under_way ? "Reading" : "Read again"}
            </Button>
          </>
        }
      >
        {sync?.is_under_way ? sync.message : sync?.finished_at ? `Read from ${shown.title} ${since(sync.finished_at)}.` : sync?.message}
      </Head>
      <nav class="tabs" aria-label="Services">
        {all.map((one) => (
          <a
            key={one.provider}
            href={one.linked ? `/app/playlists?service=${one.provider}` : "/app/start"}
            aria-current={one.provider === provider ? "page" : undefined}
            onClick={(event) => {
              if (!one.linked) return;
              event.preventDefault();
              setQuery({ service: one.provider });
            }}
          >
            <Service provider={one.provider} title={one.title} />
            <span class="count">{one.provider === provider ? items.length.toLocaleString() : one.linked ? "" : "link"}</span>
          </a>
        ))}
      </nav>
      {failure && <div class="stack"><Failure error={failure} retry={() => void pages.all()} /><span /></div>}
      {shown.library && shown.library.length > 0 && (
        <div class="stack">
          <div class="card options">
            {shown.library.map((part) => (
              <label key={part}>
                <input
                  type="checkbox"
                  checked={parts.value.includes(part)}
                  onChange={(event) => (parts.value = [...parts.value.filter((one) => one !== part), ...(event.currentTarget.checked ? [part] : [])])}
                />
                <b>{LIBRARY[part].title}</b><span />
                <small>{LIBRARY[part].about}</small>
              </label>
            ))}
          </div>
          <span />
        </div>
      )}
      {items.length > 0 ? (
        <Chooser items={items} complete={pages.complete.value} chosen={chosen} dead={dead} unchecked={(isEmpty) => <Unchecked items={items} checked={checked} title={shown.title} isEmpty={isEmpty} />} />
      ) : pages.complete.value && !sync?.is_under_way ? (
        <Empty icon="playlists" title={`No playlists at ${shown.title}`}>Make one there, or move one to it; it appears here with the next reading.</Empty>
      ) : (
        <Skeleton rows={6} />
      )}
      {(selected.length > 0 || parts.value.length > 0) && (
        <div class="bulk" role="region" aria-label="What is chosen">
          <span class="grow" aria-live="polite"><b>{selected.length.toLocaleString()} chosen</b> · {count(tracks, "track")}{parts.value.map((part) => ` and ${LIBRARY[part].name}`)}</span>
          <Button look="quiet" shortcut="Esc" onClick={() => { chosen.value = new Set(); parts.value = []; }}>Clear</Button>
          <Button icon="download" refused={selected.length === 0 ? "Choose a playlist: artists and albums are not in a file." : selected.length > MAX_IN_A_FILE && `A file holds ${MAX_IN_A_FILE} of them at most; leave some out, or take all under Files.`} onClick={takeAsFile}>Take as a file</Button>
          <Button look="primary" icon="moves" onClick={moveChosen}>Move</Button>
        </div>
      )}
    </>
  );
}

function deadBy(checked: readonly Checked[]): ReadonlyMap<string, number> {
  return new Map(checked.map((one) => [one.playlist_id, one.dead ?? 0]));
}
