import { api, type Schemas } from "~/api/client";
import { useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { path } from "~/router";
import { isUnderWay } from "~/text/moves";
import { ButtonLink } from "~/ui/button";
import { Head } from "~/ui/page";
import { Empty, Loaded } from "~/ui/states";
import { MoveRows } from "./list";
import { MovesTabs } from "./tabs";

type List = Schemas["MigrationList"];

function pace({ items }: List): number | null {
  const open = items.filter(isUnderWay);
  if (!open.length) return null;
  return open.some((one) => !one.progress.waiting_until && !one.is_paused) ? WHILE_RUNNING_MS : WHILE_WAITING_MS;
}

/** What is under way, or what has ended, by the address. */
export default function Moves() {
  const past = path.value.endsWith("/past");
  const moves = useQuery("migrations", (headers) => api.GET("/v1/migrations", { params: { query: { limit: 100 } }, headers }), pace);
  return (
    <>
      <Head title="Moves" actions={<ButtonLink look="primary" icon="moves" href="/app/playlists">Move playlists</ButtonLink>} />
      <MovesTabs />
      <Loaded query={moves}>
        {({ items }) => {
          const shown = items.filter((one) => isUnderWay(one) !== past);
          if (shown.length) return <MoveRows items={shown} />;
          return past ? (
            <Empty icon="moves" title="Nothing has ended yet">What was moved stands here, with a way to undo it.</Empty>
          ) : (
            <Empty icon="moves" title="Nothing is under way" action={<ButtonLink href="/app/playlists">Choose playlists</ButtonLink>}>
              A move goes on by itself, also when you close this page. Its progress stands here.
            </Empty>
          );
        }}
      </Loaded>
    </>
  );
}
