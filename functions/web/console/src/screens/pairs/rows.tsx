import type { Schemas } from "~/api/client";
import { rhythmOf, standingOfPair } from "~/text/pairs";
import { Chip } from "~/ui/chip";
import { Way } from "~/ui/service";
import { Tile } from "~/ui/tile";

type Pair = Schemas["Pair"];

/** Pairs, each with how it stands and when it is looked at next. */
export function PairRows({ items }: { items: readonly Pair[] }) {
  return (
    <ul class="card rows">
      {items.map((one) => {
        const standing = standingOfPair(one);
        return (
          <li key={one.id}>
            <Tile id={one.left.playlist_id} />
            <span class="what">
              <a href={`/app/moves/in-step/${one.id}`}><bdi>{one.left.name || one.left.playlist_id}</bdi></a>
              <span class="small"><Way from={one.left.provider} to={one.right.provider} /></span>
              <span class="small">{one.message}</span>
              <span class="small">{rhythmOf(one)}</span>
            </span>
            <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
          </li>
        );
      })}
    </ul>
  );
}
