import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { length } from "~/text/times";
import { Button } from "~/ui/button";
import { Filter } from "~/ui/field";
import { Note } from "~/ui/note";
import { Outside, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure, Skeleton } from "~/ui/states";

type Group = Schemas["SearchGroup"];

interface Props {
  provider: string;
  /** What is searched for at first. */
  about: string;
  /** The id of what stands there now. */
  current?: string | null;
  busy: boolean;
  onTake: (link: string) => void;
}

/** Search the target for another one, by the words of the source. */
export function SearchAnother({ provider: where, about, current, busy, onTake }: Props) {
  const target = serviceName(where);
  const words = useSignal(about);
  const group = useSignal<Group | null>(null);
  const error = useSignal<ApiError | null>(null);
  const isLooking = useSignal(false);
  const look = async (event: SubmitEvent) => {
    event.preventDefault();
    isLooking.value = true;
    error.value = null;
    try {
      const provider = where as Group["provider"];
      const { groups } = await call(api.GET("/v1/search", { params: { query: { q: words.value.trim(), provider, type: "track", limit: 10 } } }));
      group.value = groups.find((one) => one.provider === provider) ?? null;
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isLooking.value = false;
    }
  };
  const found = group.value;
  return (
    <Section title={`Search at ${target}`}>
      <form class="row" role="search" onSubmit={look}>
        <Filter label="A title, an artist, both" value={words.value} onInput={(value) => (words.value = value)} />
        <Button submit icon="search" busy={isLooking.value} refused={!words.value.trim() && "Type a title first."}>Search</Button>
      </form>
      {error.value && <Failure error={error.value} />}
      {found?.error && <Note live tone="warn" title={`${target} gave no answer`}>{found.error.message}</Note>}
      {isLooking.value && <Skeleton rows={3} />}
      {found && !found.error && !found.items.length && <p class="card pad soft">Nothing was found.</p>}
      {found?.url && <p class="small"><Outside href={found.url}>Open this search at {target}</Outside></p>}
      {found && found.items.length > 0 && (
        <ul class="card rows" aria-label="Results">
          {found.items.map((item) => (
            <li key={item.id}>
              <span class="what">
                <span class="strong"><bdi>{item.title}</bdi></span>
                <span class="small"><bdi>{item.artists?.length ? item.artists.join(", ") : item.channel}</bdi>{item.duration_ms != null && <> · {length(item.duration_ms)}</>}</span>
                <span class="small"><Outside href={item.attribution.url}>{item.attribution.text}</Outside></span>
              </span>
              {item.id === current ? (
                <span class="small soft">Stands there now</span>
              ) : (
                <Button compact busy={busy} onClick={() => onTake(item.url)} label={`Take ${item.title}`}>Take this</Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
