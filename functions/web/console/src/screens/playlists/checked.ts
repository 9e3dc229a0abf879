/** What the checks of the last 28 days say of a service's playlists, and how further ones are checked. */
import { api, call, once, type Schemas } from "~/api/client";
import { type Query, useQuery, WHILE_RUNNING_MS } from "~/api/query";

export type Checked = Schemas["CheckedPlaylist"];
type Place = { provider: string; playlist_id: string };
type Provider = Schemas["SearchGroup"]["provider"];

/** Of one person, at once: the API refuses more. */
export const MAX_CHECKS = 20;
const PAGE = 200;

/** All playlists of a service that were checked, watched while a check runs. */
export function useChecked(provider: string): Query<{ items: Checked[] }> {
  return useQuery(
    `checked-playlists/${provider}`,
    () => readAll(provider as Provider),
    ({ items }) => (items.some((one) => one.is_being_checked) ? WHILE_RUNNING_MS : null),
  );
}

async function readAll(provider: Provider) {
  const items: Checked[] = [];
  for (let cursor: string | undefined; ; ) {
    const answer = await api.GET("/v1/checked-playlists", { params: { query: { provider, limit: PAGE, cursor } } });
    if (!answer.data) return answer;
    items.push(...answer.data.items);
    cursor = answer.data.next_cursor ?? undefined;
    if (!cursor) return { data: { items }, response: answer.response };
  }
}

/** Begin a check. Nothing is written by it. */
export function check(place: Place): Promise<Schemas["Repair"]> {
  return call(api.POST("/v1/repairs", { body: { ...place, country: country() }, headers: once() }));
}

/** The country that the browser says somebody is in: what is blocked there counts as not playable. */
export function country(): string | null {
  return new Intl.Locale(navigator.language).region ?? null;
}
