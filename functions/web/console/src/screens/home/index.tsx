import { useEffect } from "preact/hooks";
import { api, type Schemas } from "~/api/client";
import { useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { toReview } from "~/review-count";
import { user } from "~/session";
import { isUnderWay } from "~/text/moves";
import { minutes, moment, plainDay } from "~/text/times";
import { ButtonLink } from "~/ui/button";
import { Head, Section } from "~/ui/page";
import { Progress } from "~/ui/progress";
import { Empty, Loaded } from "~/ui/states";
import { MoveRows } from "../moves/list";
import { PairRows } from "../pairs/rows";
import { Needs } from "./needs";
import { WeekChart } from "./week";

type HomeData = Schemas["Home"];

function pace({ under_way }: HomeData): number | null {
  if (!under_way.some(isUnderWay)) return WHILE_WAITING_MS * 2;
  return under_way.some((one) => !one.progress.waiting_until && !one.is_paused) ? WHILE_RUNNING_MS : WHILE_WAITING_MS;
}

/** What needs you, what is under way, what is left today, and your week: one request. */
export default function Home() {
  const home = useQuery("home", (headers) => api.GET("/v1/home", { headers }), pace);
  return <Loaded query={home}>{(data) => <Content data={data} />}</Loaded>;
}

function Content({ data }: { data: HomeData }) {
  useEffect(() => {
    toReview.value = data.needs_you.find((one) => one.code === "tracks-to-review")?.count ?? 0;
  }, [data]);
  const nothing = data.needs_you.some((one) => one.code === "nothing-linked");
  const name = user.value?.display_name ?? "";
  return (
    <>
      <Head
        title={`${greeting()}, ${name}`}
        isName
        actions={!nothing && <ButtonLink look="primary" icon="moves" href="/app/playlists">Move playlists</ButtonLink>}
      >
        {summary(data)}
      </Head>
      {nothing ? (
        <Empty icon="link" title="Begin by linking a service" action={<ButtonLink look="primary" href="/app/start">Link a service</ButtonLink>}>
          Your playlists are read once a service is linked. Nothing is written before you say so.
        </Empty>
      ) : (
        <div class="columns aside">
          <div class="stack wide">
            {data.needs_you.length > 0 && (
              <Section title="Needs you" count={data.needs_you.length}><Needs items={data.needs_you} /></Section>
            )}
            <Section title="Under way" count={data.under_way.length} link={{ href: "/app/moves", label: "All moves" }}>
              {data.under_way.length ? (
                <MoveRows items={data.under_way} />
              ) : (
                <div class="card pad soft">Nothing is under way. A move goes on by itself, also when you close this page.</div>
              )}
            </Section>
            {data.pairs.length > 0 && (
              <Section title="Kept in step" link={{ href: "/app/moves/in-step", label: "All pairs" }}><PairRows items={data.pairs} /></Section>
            )}
          </div>
          <div class="stack wide">
            <Allowances data={data} />
            <Section title="Listening this week" link={{ href: "/app/listening", label: "Listening" }}>
              <div class="card pad stack tight">
                {data.week.plays ? (
                  <>
                    <p class="big"><b>{minutes(data.week.minutes)}</b></p>
                    <p class="small soft">{compared(data.week.minutes - data.week.minutes_before)}</p>
                    <WeekChart days={data.week.days} />
                  </>
                ) : (
                  <p class="soft">Nothing was played since {plainDay(data.week.first)} that we know of. <a href="/app/listening/import">Bring a history</a>.</p>
                )}
              </div>
            </Section>
          </div>
        </div>
      )}
    </>
  );
}

function Allowances({ data }: { data: HomeData }) {
  const limited = data.quotas.flatMap((provider) =>
    provider.items.filter((one) => one.limit !== null && !one.is_personal).map((one) => ({ ...one, service: provider.title })),
  );
  if (!limited.length) return null;
  const renewed = limited.map((one) => one.resets_at).find(Boolean);
  return (
    <Section title="Today’s allowances">
      <div class="card pad stack">
        {limited.map((one) => (
          <div class="stack tight" key={one.service + one.bucket}>
            <div class="row">
              <b>{one.service} {one.bucket === "search" ? "searches" : "additions"}</b>
              <span class="push small soft">
                {(one.remaining_tracks ?? one.remaining ?? 0).toLocaleString()} {one.remaining_tracks != null ? "tracks left" : `of ${one.limit?.toLocaleString()} left`}
              </span>
            </div>
            <Progress value={one.used} max={one.limit ?? 1} label={`${one.service} ${one.title}: used`} />
          </div>
        ))}
        <p class="small soft">Shared by everybody here.{renewed && ` New ${moment(renewed)}, when YouTube’s day begins.`}</p>
      </div>
    </Section>
  );
}

function greeting(): string {
  const hour = Number(new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: user.value?.time_zone }).format());
  return hour < 5 ? "Good night" : hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
}

function summary({ needs_you, under_way }: HomeData): string {
  const parts = [];
  if (under_way.length) parts.push(under_way.length === 1 ? "One move is under way." : `${under_way.length} moves are under way.`);
  if (needs_you.length) parts.push(needs_you.length === 1 ? "One thing needs you." : `${needs_you.length} things need you.`);
  return parts.join(" ") || "Nothing needs you.";
}

function compared(difference: number): string {
  if (Math.abs(difference) < 1) return "As much as in the week before";
  return `${minutes(Math.abs(difference))} ${difference > 0 ? "more" : "less"} than in the week before`;
}
