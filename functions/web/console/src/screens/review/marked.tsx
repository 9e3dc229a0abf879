import type { Schemas } from "~/api/client";

type Reason = Schemas["MatchReason"];

/** A title, unaltered, with what speaks against a match marked in it. Positions count characters, not code units. */
export function Marked({ title, reasons, side }: { title: string; reasons: readonly Reason[]; side: "source" | "target" }) {
  const characters = [...title];
  const spans = reasons
    .flatMap((reason) => reason.spans)
    .filter((span) => span.side === side && span.end > span.start && span.end <= characters.length)
    .sort((one, other) => one.start - other.start);
  const parts = [];
  let at = 0;
  for (const span of spans) {
    if (span.start < at) continue;
    parts.push(characters.slice(at, span.start).join(""), <mark key={span.start}>{characters.slice(span.start, span.end).join("")}</mark>);
    at = span.end;
  }
  return <bdi>{parts}{characters.slice(at).join("")}</bdi>;
}
