import { api, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { useQuery, WHILE_RUNNING_MS } from "~/api/query";
import type { Params } from "~/router";
import { changesOf, standingOfRun } from "~/text/pairs";
import { since } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Head, Outside, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Failure, Loaded, Skeleton } from "~/ui/states";
import type { IconName } from "~/ui/icons";
import type { Tone } from "~/ui/chip";

type Run = Schemas["PairRun"];
type Change = Schemas["PairRunChange"];

const PAGE = 100;
const KINDS: Record<Change["kind"], [Tone, IconName, string, string]> = {
  add: ["ok", "plus", "Put in", "Will be put in"],
  remove: ["bad", "cross", "Taken out", "Will be taken out"],
  move: ["go", "moves", "Moved", "Will be moved"],
  rename: ["go", "more", "Renamed", "Will be renamed"],
};

/** One run: what it changed, or would change, one service's playlist at a time. */
export default function RunPage({ params }: { params: Params }) {
  const path = { pair_id: Number(params.id), run_id: Number(params.run) };
  const run = useQuery(
    `pairs/${path.pair_id}/run/${path.run_id}`,
    (headers) => api.GET("/v1/pairs/{pair_id}/runs/{run_id}", { params: { path }, headers }),
    (one) => (one.status === "pending" || one.status === "running" ? WHILE_RUNNING_MS : null),
  );
  return <Loaded query={run}>{(one) => <Content key={one.status} run={one} />}</Loaded>;
}

function Content({ run }: { run: Run }) {
  const path = { pair_id: run.pair_id, run_id: run.id };
  // Another list once it stands otherwise: what was to be is then what was done.
  const pages = usePages<Change>(`pairs/${run.pair_id}/run/${run.id}/${run.status}`, (cursor) =>
    api.GET("/v1/pairs/{pair_id}/runs/{run_id}/changes", { params: { path, query: { limit: PAGE, cursor } } }),
  );
  const standing = standingOfRun(run);
  const items = pages.items.value;
  return (
    <>
      <Head title={run.status === "asking" ? "What it would change" : "What it changed"} back={{ href: `/app/moves/in-step/${run.pair_id}`, label: "The pair" }}>
        {since(run.finished_at ?? run.created_at)} · {run.message}
      </Head>
      <div class="stack wide">
        <div class="row"><Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>{run.undone_by !== null && <a class="small" href={`/app/moves/in-step/${run.pair_id}/runs/${run.undone_by}`}>How it was undone</a>}</div>
        {run.guards.map((guard) => <p key={guard.code + guard.provider}>{guard.message}</p>)}
        {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
        {(["left", "right"] as const).map((side) => {
          const own = items.filter((one) => one.side === side);
          return own.length > 0 && <Changes key={side} items={own} title={`${serviceName(own[0]!.provider)}: ${changesOf(run, side)}`} label={side} />;
        })}
        {!items.length && pages.complete.value && <p class="card pad soft">{run.counts.left || run.counts.right ? "What it changed in detail is shown for 28 days." : "Nothing had to be changed."}</p>}
        {!items.length && !pages.complete.value && !pages.error.value && <Skeleton rows={6} />}
        {items.length > 0 && !pages.complete.value && <div class="row"><Button onClick={() => void pages.more()}>Show more</Button></div>}
      </div>
    </>
  );
}

function Changes({ items, title, label }: { items: readonly Change[]; title: string; label: string }) {
  return (
    <Section title={title}>
      <ul class="card rows" aria-label={label === "left" ? "In the first playlist" : "In the second playlist"}>
        {items.map((one) => {
          const [tone, icon, was, will] = KINDS[one.kind];
          return (
            <li key={`${one.side}${one.number}`}>
              <span class="what">
                <span class="strong"><bdi>{one.title}</bdi></span>
                <span class="small">{one.artist && <><bdi>{one.artist}</bdi> · </>}{one.error ?? one.reason}</span>
              </span>
              {one.state === "refused" ? (
                <Chip tone="bad" icon="warn">Refused</Chip>
              ) : one.state === "dropped" ? (
                <Chip icon="cross">Left alone</Chip>
              ) : (
                <Chip tone={tone} icon={icon}>{one.state === "done" ? was : will}</Chip>
              )}
              {one.url && <Outside href={one.url}>Listen at {serviceName(one.provider)}</Outside>}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
