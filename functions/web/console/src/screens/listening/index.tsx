import { useSignal } from "@preact/signals";
import { api, type Schemas } from "~/api/client";
import { useQuery, WHILE_WAITING_MS } from "~/api/query";
import { search, setQuery } from "~/router";
import { minutes, plainDay } from "~/text/times";
import { count } from "~/text/words";
import { ButtonLink } from "~/ui/button";
import { Segments } from "~/ui/field";
import { Head, Section } from "~/ui/page";
import { Empty, Loaded } from "~/ui/states";
import { DaysChart, HoursChart } from "./charts";
import { Ranked } from "./ranks";
import { ListeningTabs } from "./tabs";
import "./listening.css";

type Period = "week" | "month" | "year" | "all";
type Kind = "tracks" | "artists" | "albums";

const PERIODS: { value: Period; label: string }[] = [
  { value: "week", label: "Week" }, { value: "month", label: "Month" }, { value: "year", label: "Year" }, { value: "all", label: "All" },
];

/** What was just brought is counted within a minute. */
const whileEmpty = ({ plays }: { plays: number }) => (plays ? null : WHILE_WAITING_MS);

/** What you listened to: drawn from what you brought, in your own zone. */
export default function Listening() {
  const period = (search.value.get("period") as Period | null) ?? "month";
  const summary = useQuery(`trends/summary/${period}`, (headers) => api.GET("/v1/trends/me/summary", { params: { query: { period } }, headers }), whileEmpty);
  return (
    <>
      <Head title="Listening" actions={<ButtonLink icon="upload" href="/app/listening/import">Bring a history</ButtonLink>} />
      <ListeningTabs />
      <div class="stack wide">
        <Segments label="Period" value={period} choices={PERIODS} onChange={(value) => setQuery({ period: value })} />
        <Loaded query={summary}>
          {(one) =>
            one.plays ? (
              <div class="stack wide">
                <Figures one={one} />
                {period !== "all" && <Days from={one.from} to={one.to} />}
                <div class="columns two">
                  <Top period={period} />
                  <Section title="When in the day"><div class="card pad"><HoursChart hours={one.hours} /></div></Section>
                </div>
                {one.state === "provisional" && <p class="small soft">The last days are still being counted.</p>}
              </div>
            ) : (
              <Empty icon="listening" title="Nothing was played then, that we know of" action={<ButtonLink look="primary" href="/app/listening/import">Bring a history</ButtonLink>}>
                Bring what Spotify, Google or Last.fm give you, or set a scrobbler up under Account.
              </Empty>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

function Figures({ one }: { one: Schemas["Summary"] }) {
  const change = one.previous?.change.minutes_percent;
  const facts: [string, string][] = [
    ["Listened", minutes(one.minutes)],
    ["Plays", one.plays.toLocaleString()],
    ["Tracks", one.unique_tracks.toLocaleString()],
    ["Artists", one.unique_artists.toLocaleString()],
    ["Longest streak", one.longest_streak ? count(one.longest_streak.days, "day") : "none"],
  ];
  return (
    <dl class="card figures">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt class="small soft">{name}</dt>
          <dd class="big strong">{value}</dd>
          {name === "Listened" && change != null && <dd class="small soft">{Math.abs(Math.round(change))} % {change >= 0 ? "more" : "less"} than before</dd>}
        </div>
      ))}
    </dl>
  );
}

function Days({ from, to }: { from: string; to: string }) {
  const daily = useQuery(`trends/daily/${from}/${to}`, (headers) => api.GET("/v1/trends/me/daily", { params: { query: { from, to } }, headers }));
  return (
    <Section title={`${plainDay(from)} to ${plainDay(to)}`}>
      <Loaded query={daily}>{({ items }) => <div class="card pad"><DaysChart days={items} /></div>}</Loaded>
    </Section>
  );
}

function Top({ period }: { period: Period }) {
  const kind = useSignal<Kind>("tracks");
  const top = useQuery(`trends/top/${kind.value}/${period}`, (headers) =>
    api.GET("/v1/trends/me/top/{kind}", { params: { path: { kind: kind.value }, query: { period, limit: 10 } }, headers }),
  );
  return (
    <Section title="Most played">
      <Segments
        label="Of what" value={kind.value} onChange={(value) => (kind.value = value)}
        choices={[{ value: "tracks", label: "Tracks" }, { value: "artists", label: "Artists" }, { value: "albums", label: "Albums" }]}
      />
      <Loaded query={top}>
        {({ items }) => <Ranked items={items} />}
      </Loaded>
    </Section>
  );
}
