// The demo's story, told by the client that openapi-typescript and openapi-fetch make of the description.
// Run by tests/e2e/test_clients.py: node story.ts <address of the API>

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./api.d.ts";

type Schemas = components["schemas"];
type Api = Client<paths>;

const HISTORY = '[{"endTime": "2026-01-01 10:00", "artistName": "A", "trackName": "B", "msPlayed": 200000}]';
const MIN_TRACKS = 10;
const PROVIDERS = ["spotify", "youtube"] as const;

/** What an operation answered; its problem is an error of the story. */
function answered<T>(result: { data?: T; error?: unknown; response: Response }): T {
  const { data, error, response } = result;
  assert.ok(data !== undefined && response.ok, `${response.status} ${response.url} ${JSON.stringify(error)}`);
  return data;
}

/** Ask until there is something; fails after so many seconds. */
async function until<T>(seconds: number, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, `waited ${seconds} s for ${what}`);
    await pause(100);
  }
}

/** A job that has ended; nothing while it goes on. */
function ended<T extends { status: string }>(job: T): T | undefined {
  return job.status === "completed" || job.status === "failed" ? job : undefined;
}

/** Agree on a simulator's consent page; gives what comes back. */
async function consent(authorizeUrl: string): Promise<Schemas["LinkCompletion"]> {
  const answer = await fetch(`${authorizeUrl}&login=ada&decision=approve`, { redirect: "manual" });
  const returned = new URL(answer.headers.get("Location") ?? "").searchParams;
  return { code: returned.get("code") ?? "", state: returned.get("state") ?? "" };
}

async function link(me: Api): Promise<void> {
  for (const provider of PROVIDERS) {
    const params = { path: { provider } };
    const started = answered(
      await me.POST("/v1/providers/{provider}/link", { params, body: { access: "write" } }),
    );
    const body = await consent(started.authorize_url);
    const linked = answered(await me.POST("/v1/providers/{provider}/link/complete", { params, body }));
    assert.equal(linked.linked, true);
  }
  const links = answered(await me.GET("/v1/providers")).items.filter((one) => one.linked);
  assert.deepEqual(links.map((one) => one.provider).sort(), ["spotify", "youtube"]);
}

async function move(me: Api): Promise<Schemas["MigratedTrack"][]> {
  answered(await me.POST("/v1/playlists/sync", { body: {} }));
  await until(35, "the playlists to be read", async () => {
    const { items } = answered(await me.GET("/v1/playlists/sync"));
    return items.some((one) => one.is_under_way) ? undefined : items;
  });
  const playlists = answered(
    await me.GET("/v1/playlists", { params: { query: { provider: "spotify", limit: 200 } } }),
  ).items;
  const [chosen] = playlists
    .filter((one) => one.is_own && !one.is_liked && (one.track_count ?? 0) >= MIN_TRACKS)
    .sort((one, other) => (one.track_count ?? 0) - (other.track_count ?? 0));
  assert.ok(chosen);

  const order = {
    params: { header: { "Idempotency-Key": "story-1" } },
    body: {
      source_provider: "spotify",
      target_provider: "youtube",
      playlists: [chosen.provider_playlist_id],
    },
  };
  const migration = answered(await me.POST("/v1/migrations", order));
  const again = answered(await me.POST("/v1/migrations", order));
  assert.equal(migration.id, again.id);
  const path = { migration_id: migration.id };
  const done = await until(120, "the migration to end", async () =>
    ended(answered(await me.GET("/v1/migrations/{migration_id}", { params: { path } }))),
  );
  assert.equal(done.status, "completed");
  const tracks = answered(
    await me.GET("/v1/migrations/{migration_id}/tracks", { params: { path, query: { limit: 200 } } }),
  ).items;
  assert.ok(tracks.some((track) => track.written));
  return tracks;
}

async function bring(me: Api): Promise<void> {
  const body = { size_bytes: HISTORY.length, file_name: "history.json" };
  const brought = answered(await me.POST("/v1/plays/imports", { body }));
  assert.ok(brought.upload);
  const put = await fetch(brought.upload.url, {
    method: "PUT",
    headers: brought.upload.headers as Record<string, string>,
    body: HISTORY,
  });
  assert.ok(put.ok);
  const path = { import_id: brought.id };
  answered(await me.POST("/v1/plays/imports/{import_id}/start", { params: { path } }));
  await until(60, "the history to be read", async () =>
    ended(answered(await me.GET("/v1/plays/imports/{import_id}", { params: { path } }))),
  );
  const plays = answered(await me.GET("/v1/plays", { params: { query: { limit: 10 } } })).items;
  assert.deepEqual(
    plays.map((play) => [play.artist, play.title]),
    [["A", "B"]],
  );
  const query = { period: "all" } as const;
  assert.ok(answered(await me.GET("/v1/trends/me/summary", { params: { query } })).plays >= 0);
  const chart = answered(await me.GET("/v1/trends/me/chart.svg", { parseAs: "text" }));
  assert.ok(chart.startsWith("<svg"));
}

async function search(me: Api, track: Schemas["MigratedTrack"]): Promise<void> {
  const q = `${track.source_artist} ${track.source_title}`;
  const found = answered(await me.GET("/v1/search", { params: { query: { q, limit: 5 } } }));
  const [item] = found.groups.flatMap((group) => group.items);
  assert.ok(item);
  const body = { provider: item.provider, type: item.type, id: item.id };
  const pin = answered(await me.POST("/v1/pins", { body }));
  assert.ok(answered(await me.GET("/v1/pins")).items.some((one) => one.id === pin.id));
  assert.equal(answered(await me.GET("/v1/search/history")).items[0]?.status, "answered");
}

async function exported(me: Api, address: string, token: string): Promise<void> {
  const started = answered(await me.POST("/v1/exports", { body: { type: "history_csv" } }));
  const path = { export_id: started.id };
  const built = await until(60, "the export", async () =>
    ended(answered(await me.GET("/v1/exports/{export_id}", { params: { path } }))),
  );
  const [file] = built.files;
  assert.ok(file?.download);
  const headers = { Authorization: `Bearer ${token}` };
  const redirect = await fetch(address + file.download, { headers, redirect: "manual" });
  const content = await (await fetch(redirect.headers.get("Location") ?? "")).text();
  assert.ok(content.includes("artist"));
}

async function story(address: string): Promise<void> {
  const nobody = createClient<paths>({ baseUrl: address });
  const refused = await nobody.GET("/v1/me");
  assert.equal(refused.response.status, 401);
  const email = "typescript@example.org";
  const body = { email, password: "correct horse battery staple", display_name: "TypeScript" };
  const signedUp = answered(await nobody.POST("/v1/auth/signup", { body }));
  // Where the deployment sends mail, an address is confirmed first: the stack of this story sends none.
  assert.ok("token" in signedUp && signedUp.token);
  const { token } = signedUp;

  const me = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answered(await me.GET("/v1/me")).email, email);
  await link(me);
  const [track] = await move(me);
  assert.ok(track);
  await bring(me);
  await search(me, track);
  await exported(me, address, token);

  const missing = await me.GET("/v1/migrations/{migration_id}", { params: { path: { migration_id: 999_999 } } });
  assert.equal(missing.response.status, 404);
  assert.ok(missing.error && "title" in missing.error);
  const left = await me.DELETE("/v1/me");
  assert.ok(left.response.ok, `${left.response.status}`);
  console.log("the story is told");
}

await story(process.argv[2] ?? "");
