/** How a move stands, in words and a mark. */
import type { Schemas } from "~/api/client";
import type { Tone } from "~/ui/chip";
import type { IconName } from "~/ui/icons";
import { serviceName } from "~/ui/service";
import { moment } from "./times";
import { count } from "./words";

type Migration = Schemas["Migration"];
type Part = Schemas["MigratedPlaylist"];

export interface Standing {
  tone: Tone;
  icon: IconName;
  text: string;
}

/** "6 playlists to YouTube", “Kitchen, loud” to YouTube */
export function titleOf(one: Migration): string {
  const target = serviceName(one.target_provider);
  const names = one.playlist_names ?? [];
  const all = Object.values(one.progress.playlists).reduce((sum, number) => sum + number, 0) || names.length;
  if (one.source_file) return `“${one.source_file}” to ${target}`;
  return all === 1 && names[0] ? `“${names[0]}” to ${target}` : `${count(all, "playlist")} to ${target}`;
}

export function isUnderWay(one: Migration): boolean {
  return one.finished_at === null;
}

export function standingOf(one: Migration): Standing {
  const { waiting_until: until, tracks } = one.progress;
  if (one.status === "undone") return { tone: "plain", icon: "undo", text: "Undone" };
  if (one.status === "failed") return { tone: "bad", icon: "warn", text: one.code === "cancelled" ? "Stopped" : "Failed" };
  if (one.status === "completed") {
    if (one.dry_run) return { tone: "go", icon: "eye", text: "Preview" };
    return tracks.needs_review
      ? { tone: "warn", icon: "eye", text: `${tracks.needs_review.toLocaleString()} to look at` }
      : { tone: "ok", icon: "check", text: "Done" };
  }
  if (one.is_paused) return { tone: "plain", icon: "pause", text: "Paused" };
  if (until) return { tone: "plain", icon: "clock", text: `Waits, goes on ${moment(until)}` };
  return { tone: "go", icon: "run", text: one.status === "pending" ? "Begins" : "Running" };
}

export function standingOfPart(one: Part): Standing {
  if (one.status === "failed") return { tone: "bad", icon: "warn", text: "Failed" };
  if (one.status === "completed") {
    return one.tracks.needs_review
      ? { tone: "warn", icon: "eye", text: `${one.tracks.needs_review.toLocaleString()} to look at` }
      : { tone: "ok", icon: "check", text: "Done" };
  }
  if (one.waiting_until) return { tone: "plain", icon: "clock", text: `Waits, goes on ${moment(one.waiting_until)}` };
  return one.status === "running" ? { tone: "go", icon: "run", text: "Running" } : { tone: "plain", icon: "clock", text: "Waits" };
}
