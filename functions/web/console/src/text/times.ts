/** Times and durations as people say them, in the person's own zone. */
import { user } from "~/session";

function zone(): string {
  return user.value?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, at: Date, timeZone = zone()): string {
  const key = timeZone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    formats.set(key, made);
  }
  return made.format(at);
}

const dayKey = (at: Date) => format({ year: "numeric", month: "2-digit", day: "2-digit" }, at);

/** 09:00 */
export function clock(at: string | number): string {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, new Date(at));
}

/** "5 December", with the year where it is another one. */
export function day(at: string | number): string {
  const date = new Date(at);
  const sameYear = format({ year: "numeric" }, date) === format({ year: "numeric" }, new Date());
  return format({ day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }, date);
}

/** A day without a clock, as the API writes it: 2026-11-30. */
export function plainDay(text: string, options: Intl.DateTimeFormatOptions = { day: "numeric", month: "long" }): string {
  return format(options, new Date(`${text}T12:00:00Z`), "UTC");
}

/** "at 09:00", "tomorrow at 09:00", "on Saturday at 09:00", "on 5 December". */
export function moment(at: string | number): string {
  const date = new Date(at);
  const days = daysFromToday(date);
  if (days === 0) return `at ${clock(at)}`;
  if (days === 1) return `tomorrow at ${clock(at)}`;
  if (days === -1) return `yesterday at ${clock(at)}`;
  if (days > 1 && days < 7) return `on ${format({ weekday: "long" }, date)} at ${clock(at)}`;
  return `on ${day(at)}`;
}

/** "today", "tomorrow", "Saturday 5 December". */
export function whichDay(at: string | number): string {
  const date = new Date(at);
  const days = daysFromToday(date);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days === -1) return "yesterday";
  return `${format({ weekday: "long" }, date)} ${day(at)}`;
}

/** "today 06:12", "yesterday 18:00", "3 May". */
export function since(at: string | number): string {
  const days = daysFromToday(new Date(at));
  if (days === 0) return `today ${clock(at)}`;
  if (days === -1) return `yesterday ${clock(at)}`;
  return day(at);
}

/** "today", "yesterday", "3 May". */
export function sinceDay(at: string | number): string {
  const days = daysFromToday(new Date(at));
  return days === 0 ? "today" : days === -1 ? "yesterday" : day(at);
}

function daysFromToday(date: Date): number {
  const asUtc = (at: Date) => {
    const [d, m, y] = dayKey(at).split("/").map(Number) as [number, number, number];
    return Date.UTC(y, m - 1, d);
  };
  return Math.round((asUtc(date) - asUtc(new Date())) / 86_400_000);
}

/** The length of a track: 4:31. */
export function length(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "";
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** How long somebody listened: "11 h 20 min". */
export function minutes(total: number): string {
  const whole = Math.round(total);
  const hours = Math.floor(whole / 60);
  if (!hours) return `${whole} min`;
  return whole % 60 ? `${hours.toLocaleString()} h ${whole % 60} min` : `${hours.toLocaleString()} h`;
}

/** "41 s longer", "the same" */
export function difference(ms: number | null | undefined, from: number | null | undefined): string | null {
  if (ms == null || from == null) return null;
  const seconds = Math.round((ms - from) / 1000);
  if (Math.abs(seconds) <= 1) return "the same";
  return `${Math.abs(seconds)} s ${seconds > 0 ? "longer" : "shorter"}`;
}
