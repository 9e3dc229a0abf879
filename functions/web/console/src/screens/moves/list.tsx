import type { Schemas } from "~/api/client";
import { isUnderWay, standingOf, titleOf } from "~/text/moves";
import { since, whichDay } from "~/text/times";
import { Chip } from "~/ui/chip";
import { Progress } from "~/ui/progress";
import { Tile } from "~/ui/tile";

type Migration = Schemas["Migration"];

/** Moves in rows: what, how far, how it stands. */
export function MoveRows({ items }: { items: readonly Migration[] }) {
  return (
    <ul class="card rows">
      {items.map((one) => {
        const standing = standingOf(one);
        const { tracks } = one.progress;
        const done = one.dry_run ? tracks.matched + tracks.failed : tracks.written;
        const all = one.dry_run ? tracks.total : tracks.matched || tracks.total;
        return (
          <li key={one.id}>
            <Tile id={one.id} />
            <span class="what">
              <a href={one.dry_run ? `/app/move/preview/${one.id}` : `/app/moves/${one.id}`}><bdi>{titleOf(one)}</bdi></a>
              <span class="small">
                {one.dry_run
                  ? `Preview of ${since(one.created_at)}: ${tracks.matched.toLocaleString()} of ${tracks.total.toLocaleString()} found`
                  : `${tracks.written.toLocaleString()} of ${all.toLocaleString()} written${isUnderWay(one) && one.expected_at ? `; done ${whichDay(one.expected_at)}` : ` · ${since(one.created_at)}`}`}
              </span>
              {isUnderWay(one) && <Progress value={done} max={all} label="Done" />}
            </span>
            <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
          </li>
        );
      })}
    </ul>
  );
}
