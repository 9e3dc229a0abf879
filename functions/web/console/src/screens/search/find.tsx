import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { likelihood } from "~/text/words";
import { Button } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Service } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { ItemRow } from "./item";
import { SearchTabs } from "./tabs";

type Resolved = Schemas["Resolved"];
type Other = Schemas["Counterpart"];

/** What a link leads to, and the same recording elsewhere. */
export default function Find() {
  const link = useSignal("");
  const found = useSignal<Resolved | null>(null);
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const look = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!link.value.trim()) return;
    busy.value = true;
    error.value = null;
    found.value = null;
    try {
      found.value = await call(api.GET("/v1/resolve", { params: { query: { url: link.value.trim() } } }));
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <>
      <Head title="From a link">Paste a link from one service; see the same recording at the others.</Head>
      <SearchTabs />
      <div class="stack wide">
        <form class="row" onSubmit={look}>
          <div class="filter">
            <input type="url" required aria-label="Link" placeholder="https://open.spotify.com/track/…" data-filter value={link.value} onInput={(event) => (link.value = event.currentTarget.value)} />
          </div>
          <Button submit look="primary" icon="search" busy={busy.value}>Find it</Button>
        </form>
        {error.value && <Failure error={error.value} />}
        {busy.value && <Skeleton rows={3} />}
        {found.value && <Answer one={found.value} />}
        {!found.value && !busy.value && !error.value && <Empty icon="link" title="Paste a link">A track, a video, an album, an artist or a playlist.</Empty>}
      </div>
    </>
  );
}

function Answer({ one }: { one: Resolved }) {
  if (one.error) return <Note live tone="warn" title="This link leads nowhere we know">{one.error.message}</Note>;
  return (
    <div class="columns two">
      {one.item && (
        <Section title="The link">
          <p class="small soft"><Service provider={one.item.provider} /></p>
          <ul class="card rows"><ItemRow item={one.item} /></ul>
        </Section>
      )}
      {(one.counterparts ?? []).map((other) => <Elsewhere key={other.provider} other={other} />)}
    </div>
  );
}

function Elsewhere({ other }: { other: Other }) {
  const items = other.item ? [other.item] : (other.candidates ?? []).map((one) => one.item);
  return (
    <Section title={other.item ? "The same recording" : "Perhaps one of these"}>
      <p class="small soft"><Service provider={other.provider} /> {other.item && `· ${likelihood(other.score)}`}</p>
      {other.error ? (
        <Note tone="warn" title="No answer">{other.error.message}</Note>
      ) : items.length ? (
        <ul class="card rows">{items.map((item) => <ItemRow key={item.id} item={item} />)}</ul>
      ) : (
        <Empty icon="search" title="Nothing close enough">{(other.reasons ?? []).join("; ")}</Empty>
      )}
    </Section>
  );
}
