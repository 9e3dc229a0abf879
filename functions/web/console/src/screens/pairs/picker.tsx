/** One playlist of one service, chosen from a list that the server filters. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { linked, type ProviderStatus } from "~/api/providers";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Filter, Segments } from "~/ui/field";
import { Section } from "~/ui/page";
import { Service, serviceName } from "~/ui/service";
import { Failure, Skeleton } from "~/ui/states";
import type { Side } from "./draft";

type Snapshot = Schemas["PlaylistSnapshot"];

const PAGE = 8;

interface Props {
  title: string;
  providers: readonly ProviderStatus[];
  chosen: Side | null;
  /** The other side, which cannot be chosen here, too. */
  other: Side | null;
  /** Whether it has to be a playlist that can be written to. */
  written: boolean;
  /** Which service is shown first, of those that are linked: 0, 1. */
  service: number;
  onChange: (side: Side | null, snapshot: Snapshot | null) => void;
}

export function Picker({ title, providers, chosen, other, written, service, onChange }: Props) {
  if (chosen) {
    return (
      <Section title={title}>
        <div class="card pad row">
          <span class="grow"><b><bdi>{chosen.name}</bdi></b> <span class="small soft"><Service provider={chosen.provider} /></span></span>
          <Button compact onClick={() => onChange(null, null)} label={`Choose another one than ${chosen.name}`}>Another one</Button>
        </div>
      </Section>
    );
  }
  return <Choice {...{ title, providers, other, written, service, onChange }} />;
}

function Choice({ title, providers, other, written, service, onChange }: Omit<Props, "chosen">) {
  const usable = linked(providers);
  const provider = useSignal((usable[service] ?? usable[0])?.provider ?? "");
  const words = useSignal("");
  const name = useId();
  const key = `picker/${provider.value}/${words.value}`;
  const pages = usePages<Snapshot>(key, (cursor) =>
    api.GET("/v1/playlists", { params: { query: { provider: provider.value, q: words.value.trim() || undefined, limit: PAGE, cursor } } }),
  );
  const items = pages.items.value;
  return (
    <Section title={title}>
      <div class="row">
        {usable.length > 1 && (
          <Segments
            label={`Service: ${title}`}
            value={provider.value}
            onChange={(value) => (provider.value = value)}
            choices={usable.map((one) => ({ value: one.provider, label: one.title }))}
          />
        )}
        <Filter label="Find by name" value={words.value} onInput={(value) => (words.value = value)} />
      </div>
      {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
      {items.length > 0 ? (
        <div class="card options" role="radiogroup" aria-label={title}>
          {items.map((one) => {
            const why = refusal(one, other, written);
            return (
              <label key={one.id}>
                <input
                  type="radio" name={name} disabled={why !== null} aria-label={one.name}
                  onChange={() => onChange({ provider: one.provider, playlist_id: one.provider_playlist_id, name: one.name }, one)}
                />
                <b><bdi>{one.name}</bdi></b>
                <span class="small soft">{count(one.track_count, "track")}</span>
                {why && <small>{why}</small>}
              </label>
            );
          })}
        </div>
      ) : pages.complete.value ? (
        <p class="card pad soft">{words.value ? "No playlist has this in its name." : `No playlists at ${serviceName(provider.value)} yet. Move one there first.`}</p>
      ) : (
        !pages.error.value && <Skeleton rows={4} />
      )}
      {items.length > 0 && !pages.complete.value && <div class="row"><Button compact onClick={() => void pages.more()}>Show more</Button></div>}
    </Section>
  );
}

function refusal(one: Snapshot, other: Side | null, written: boolean): string | null {
  if (other?.provider === one.provider && other.playlist_id === one.provider_playlist_id) return "It is the other one already.";
  if (!one.can_read) return `${serviceName(one.provider)} does not let it be read.`;
  if (written && (one.is_liked || !one.is_own)) return "It cannot be written to.";
  return null;
}
