import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { search, setQuery } from "~/router";
import { moment, since } from "~/text/times";
import { Button, ButtonLink } from "~/ui/button";
import { Filter, Segments } from "~/ui/field";
import { Note } from "~/ui/note";
import { Head, Outside, Section } from "~/ui/page";
import { Service } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { ItemRow } from "./item";
import { SearchTabs } from "./tabs";

type Answer = Schemas["SearchAnswer"];
type Group = Schemas["SearchGroup"];
type What = "track" | "album" | "artist" | "playlist";

const KINDS: { value: What; label: string }[] = [
  { value: "track", label: "Tracks" }, { value: "album", label: "Albums" }, { value: "artist", label: "Artists" }, { value: "playlist", label: "Playlists" },
];

/** All services at once, each in its own list. */
export default function Search() {
  const words = useSignal(search.value.get("q") ?? "");
  const kind = useSignal<What>((search.value.get("type") as What) ?? "track");
  const answer = useSignal<Answer | null>(null);
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);

  const look = async (q: string) => {
    if (!q.trim()) return;
    words.value = q;
    setQuery({ q, type: kind.value });
    busy.value = true;
    error.value = null;
    try {
      answer.value = await call(api.GET("/v1/search", { params: { query: { q: q.trim(), type: kind.value } } }));
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <Head title="Search">All your services at once, each in a list of its own. The same search within a day costs nothing again.</Head>
      <SearchTabs />
      <div class="stack wide">
        <form
          class="row"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            void look(words.value);
          }}
        >
          <Filter label="A title, an artist, both" value={words.value} onInput={(value) => (words.value = value)} />
          <Segments label="What" value={kind.value} choices={KINDS} onChange={(value) => { kind.value = value; if (answer.value) void look(words.value); }} />
          <Button submit look="primary" icon="search" busy={busy.value}>Search</Button>
        </form>
        {error.value && <Failure error={error.value} retry={() => void look(words.value)} />}
        {busy.value && !answer.value ? (
          <Skeleton />
        ) : answer.value ? (
          <>
          <div class="columns two" aria-busy={busy.value}>
            {answer.value.groups.map((one) => <GroupOf key={one.provider + answer.value!.query} first={one} query={answer.value!.query} kind={kind.value} />)}
          </div>
          <p class="small faint">Each service answers for itself, in its own order. Titles are theirs, unaltered; every hit leads there.</p>
          </>
        ) : (
          <Past onPick={(q) => void look(q)} />
        )}
      </div>
    </>
  );
}

/** One service's hits; they are never mixed with another's. */
function GroupOf({ first, query, kind }: { first: Group; query: string; kind: What }) {
  const group = useSignal(first);
  const busy = useSignal(false);
  const failed = useSignal<string | null>(null);
  const { value: one } = group;
  const more = async () => {
    busy.value = true;
    failed.value = null;
    try {
      const next = await call(api.GET("/v1/search", { params: { query: { q: query, type: kind, provider: one.provider, cursor: one.next_cursor ?? undefined } } }));
      const page = next.groups[0];
      if (page?.error) failed.value = page.error.message;
      else if (page) group.value = { ...page, items: [...one.items, ...page.items] };
    } catch (thrown) {
      failed.value = asApiError(thrown).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="section" aria-label={one.title}>
      <header>
        <h2><Service provider={one.provider} title={one.title} /></h2>
        <span class="count push small">{one.source === "cache" && one.fetched_at ? `as of ${since(one.fetched_at)}` : ""}</span>
      </header>
      {one.error ? (
        <Note
          tone="warn"
          title={one.error.code === "not-linked" ? `${one.title} is not linked` : `${one.title} has no answer`}
          actions={one.error.code === "not-linked" && <ButtonLink href="/app/start">Link {one.title}</ButtonLink>}
        >
          {one.error.message}
          {one.error.retry_after ? ` Try again ${moment(Date.now() + one.error.retry_after * 1000)}.` : ""}
        </Note>
      ) : one.items.length ? (
        <ul class="card rows">{one.items.map((item) => <ItemRow key={item.type + item.id} item={item} />)}</ul>
      ) : (
        <Empty icon="search" title={`Nothing at ${one.title}`}>Fewer words often find more.</Empty>
      )}
      {failed.value && <Note live tone="warn" title={`${one.title} gives no more now`}>{failed.value}</Note>}
      <div class="row small">
        {one.url && <Outside href={one.url}>Open this search at {one.title}</Outside>}
        {one.next_cursor && <span class="push"><Button busy={busy.value} onClick={() => void more()}>More from {one.title}</Button></span>}
      </div>
    </section>
  );
}

function Past({ onPick }: { onPick: (q: string) => void }) {
  const history = useQuery("search/history", (headers) => api.GET("/v1/search/history", { params: { query: { limit: 10 } }, headers }));
  const items = history.data.value?.items ?? [];
  if (!items.length) return <Empty icon="search" title="Search all your services at once">Each answers in its own list. What you pin stays under Pins.</Empty>;
  return (
    <Section title="Searched before">
      <ul class="card rows">
        {items.map((one) => (
          <li key={one.id}>
            <span class="what"><button type="button" class="link" onClick={() => onPick(one.query)}><bdi>{one.query}</bdi></button></span>
            <span class="small soft">{since(one.searched_at)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
