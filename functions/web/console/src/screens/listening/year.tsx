import { api, type Schemas } from "~/api/client";
import { useQuery, WHILE_WAITING_MS } from "~/api/query";
import { search, setQuery } from "~/router";
import { moment, minutes, plainDay, since } from "~/text/times";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Head, Section } from "~/ui/page";
import { Progress } from "~/ui/progress";
import { Empty, Loaded } from "~/ui/states";
import { HoursChart } from "./charts";
import "./listening.css";
import { Ranked } from "./ranks";
import { ListeningTabs } from "./tabs";

type Recap = Schemas["Recap"];

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** A year in figures: what it began with, what was new, what was played most. */
export default function Year() {
  const now = new Date().getFullYear();
  const year = Number(search.value.get("year")) || now;
  const recap = useQuery(
    `trends/recap/${year}`,
    (headers) => api.GET("/v1/trends/me/recap/{year}", { params: { path: { year } }, headers }),
    ({ plays }) => (plays ? null : WHILE_WAITING_MS), // what was just brought is counted within a minute
  );
  const show = (other: number) => setQuery({ year: other === now ? null : String(other) });
  return (
    <>
      <Head
        title={`Your ${year}`}
        actions={
          <>
            <Button icon="back" onClick={() => show(year - 1)}>{year - 1}</Button>
            {year < now && <Button icon="next" onClick={() => show(year + 1)}>{year + 1}</Button>}
          </>
        }
      />
      <ListeningTabs />
      <Loaded key={year} query={recap}>
        {(one) =>
          one.plays ? (
            <Content one={one} />
          ) : (
            <Empty icon="listening" title={`Nothing was played in ${year}, that we know of`} action={<ButtonLink look="primary" href="/app/listening/import">Bring a history</ButtonLink>}>
              Bring what Spotify, Google or Last.fm give you of that year.
            </Empty>
          )
        }
      </Loaded>
    </>
  );
}

function Content({ one }: { one: Recap }) {
  const facts: [string, string][] = [
    ["Listened", minutes(one.minutes)],
    ["Plays", one.plays.toLocaleString()],
    ["Tracks", one.unique_tracks.toLocaleString()],
    ["Artists", one.unique_artists.toLocaleString()],
    ["New artists", one.new_artists.toLocaleString()],
    ["Days with music", one.days_with_plays.toLocaleString()],
    ["Longest streak", one.longest_streak ? count(one.longest_streak.days, "day") : "none"],
  ];
  return (
    <div class="stack wide">
      <dl class="card figures">
        {facts.map(([name, value]) => <div key={name}><dt class="small soft">{name}</dt><dd class="big strong">{value}</dd></div>)}
      </dl>
      {one.first_play && <p>It began {moment(one.first_play.played_at)} with “<bdi>{one.first_play.title}</bdi>” by <bdi>{one.first_play.artist}</bdi>.</p>}
      {one.busiest_day && <p>{plainDay(one.busiest_day.date)} had the most: {count(one.busiest_day.plays, "play")}, {minutes(one.busiest_day.minutes)}.</p>}
      <div class="columns two">
        <Months months={one.months} />
        <Section title="When in the week"><div class="card pad"><HoursChart hours={one.hours} /></div></Section>
        <Ranks title="Most played tracks" items={one.top_tracks} />
        <Ranks title="Most played artists" items={one.top_artists} />
        <Ranks title="Most played albums" items={one.top_albums} />
        <Ranks title="New to you" items={one.top_new_artists} />
      </div>
      {one.plays_available_from && <p class="small soft">Older plays were deleted; what needs them begins {moment(one.plays_available_from)}.</p>}
      {one.state === "provisional" && <p class="small soft">{one.as_of ? `Counted up to ${since(one.as_of)}; the` : "The"} year is still being counted.</p>}
    </div>
  );
}

function Months({ months }: { months: Recap["months"] }) {
  const most = Math.max(1, ...months.map((one) => one.minutes));
  return (
    <Section title="Month by month">
      <ul class="card pad stack tight">
        {months.map((one) => (
          <li key={one.month} class="stack tight">
            <span class="row small"><b>{MONTHS[one.month - 1]}</b><span class="push soft">{minutes(one.minutes)} · {count(one.plays, "play")}</span></span>
            <Progress value={one.minutes} max={most} label={`Listened in ${MONTHS[one.month - 1]}`} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Ranks({ title, items }: { title: string; items: Recap["top_tracks"] }) {
  if (!items.length) return null;
  return (
    <Section title={title}>
      <Ranked items={items.slice(0, 10)} />
    </Section>
  );
}
