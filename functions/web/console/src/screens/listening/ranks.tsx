import { count } from "~/text/words";
import { Progress } from "~/ui/progress";

export interface Rank {
  rank: number;
  name: string;
  artist?: string | null;
  plays: number;
}

/** What was played, by how often, beside the first. */
export function Ranked({ items }: { items: readonly Rank[] }) {
  return (
    <ol class="card pad ranks">
      {items.map((one) => (
        <li key={one.rank}>
          <span class="number faint small">{one.rank}</span>
          <span class="line"><b><bdi>{one.name}</bdi></b>{one.artist && <span class="soft small"> <bdi>{one.artist}</bdi></span>}</span>
          <span class="small soft nowrap">{count(one.plays, "play")}</span>
          <Progress value={one.plays} max={items[0]?.plays ?? 1} label={`Plays of ${one.name}`} />
        </li>
      ))}
    </ol>
  );
}
