/** How two playlists that are kept in step stand, in words and a mark. */
import type { Schemas } from "~/api/client";
import { moment } from "./times";
import type { Standing } from "./moves";
import { count } from "./words";

type Pair = Schemas["Pair"];
type Run = Schemas["PairRun"];

export const MODES: Record<Pair["mode"], [string, string]> = {
  two_way: ["Both ways", "What either playlist gains, loses or moves goes to the other."],
  mirror: ["One way, all of it", "The second becomes like the first; only what we put in is taken out of it."],
  add_only: ["One way, adding only", "What is new in the first is put into the second; nothing is taken out."],
};

export const SCHEDULES: Record<Pair["schedule"], string> = {
  by_hand: "When you say so", hourly: "Every hour", daily: "Every day", weekly: "Every week",
};

/** Whether something is done with it right now. */
export function isBusy(one: Pair): boolean {
  if (one.status !== "active" || isWaiting(one)) return false;
  return one.run_id !== null || one.code === "waiting-to-start" || (one.next_at !== null && Date.parse(one.next_at) <= Date.now());
}

/** Whether it stands still until a provider lets it go on. */
export function isWaiting(one: Pair): boolean {
  return one.status === "active" && one.code.startsWith("waiting-for-");
}

export function standingOfPair(one: Pair): Standing {
  switch (one.status) {
    case "asking":
      return one.code === "asking-first"
        ? { tone: "warn", icon: "eye", text: "Asks you first" }
        : { tone: "bad", icon: "stop", text: "Stopped, asks you" };
    case "paused":
      return one.code === "undone" ? { tone: "plain", icon: "undo", text: "Undone, rests" } : { tone: "plain", icon: "pause", text: "Rests" };
    case "sleeping":
      return { tone: "warn", icon: "link", text: "Link again" };
    case "lost":
      return { tone: "bad", icon: "warn", text: "Playlist is gone" };
    case "active":
      if (isWaiting(one)) return { tone: "plain", icon: "clock", text: "Waits" };
      if (one.run_id !== null) return { tone: "go", icon: "run", text: "Writing" };
      return isBusy(one) ? { tone: "go", icon: "run", text: "Looking" } : { tone: "ok", icon: "check", text: "In step" };
  }
}

/** "Every day, next tomorrow at 06:00" */
export function rhythmOf(one: Pair): string {
  const often = SCHEDULES[one.schedule];
  const isDue = one.status === "active" && !isBusy(one) && one.schedule !== "by_hand" && one.next_at;
  return isDue ? `${often}, next ${moment(one.next_at!)}` : often;
}

/** Whether a guard waits for an answer; where somebody else writes, too, it only tells so. */
export function stops(guard: Run["guards"][number]): boolean {
  return guard.code !== "contested";
}

export function standingOfRun(one: Run): Standing {
  if (one.undone_by !== null) return { tone: "plain", icon: "undo", text: "Undone" };
  switch (one.status) {
    case "asking":
      return { tone: "warn", icon: "eye", text: "Asks you" };
    case "completed":
      return one.guards.some(stops) ? { tone: "bad", icon: "stop", text: "Stopped" } : { tone: "ok", icon: "check", text: one.cause === "undo" ? "Undo" : "Done" };
    case "dropped":
      return { tone: "plain", icon: "cross", text: "Left alone" };
    case "failed":
      return { tone: "bad", icon: "warn", text: "Failed" };
    default:
      return { tone: "go", icon: "run", text: "Writing" };
  }
}

const KINDS = { add: "put in", remove: "taken out", move: "moved" } as const;

/** "5 tracks put in at YouTube": what a run did, or would do, to one side. */
export function changesOf(run: Run, side: "left" | "right"): string {
  const counts = (run.counts[side] ?? {}) as Record<string, number>;
  const parts = Object.entries(KINDS).flatMap(([kind, word]) => (counts[kind] ? [`${count(counts[kind], "track")} ${word}`] : []));
  if (counts.rename) parts.push("another name or description");
  return parts.join(", ");
}
