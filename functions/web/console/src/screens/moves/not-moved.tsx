import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Outside, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";

type Track = Schemas["MigratedTrack"];

/** What stays behind, track by track, with the true reason. */
export function NotMoved({ id, target, number }: { id: number; target: string; number: number }) {
  const pages = usePages<Track>(`migrations/${id}/failed/${number}`, (cursor) =>
    api.GET("/v1/migrations/{migration_id}/tracks", { params: { path: { migration_id: id }, query: { outcome: "no_match", limit: 50, cursor } } }),
  );
  const items = pages.items.value;
  if (pages.error.value) return <Failure error={pages.error.value} retry={() => void pages.more()} />;
  if (!items.length) return null;
  return (
    <Section title={`Not on ${target}`} count={number}>
      <ul class="card rows">
        {items.map((one) => (
          <li key={one.id}>
            <span class="what">
              <span class="strong"><bdi>{one.source_title}</bdi></span>
              <span class="small"><bdi>{one.source_artist}</bdi> · {one.error_message}</span>
            </span>
            {one.source.url && <Outside href={one.source.url}>Listen at {serviceName(one.source_provider)}</Outside>}
          </li>
        ))}
      </ul>
      {!pages.complete.value && <Button onClick={() => void pages.more()}>Show more of {count(number, "track")}</Button>}
    </Section>
  );
}
