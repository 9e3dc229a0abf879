import { Icon } from "./icon";
import type { IconName } from "./icons";

const COLOURS = 8;

/** Shapes drawn on 40 by 40; which one a thing gets follows from its id. */
const SHAPES = [
  "M8 12c4-5 8-5 12 0s8 5 12 0M8 20c4-5 8-5 12 0s8 5 12 0M8 28c4-5 8-5 12 0s8 5 12 0",
  "M10 30V20M17 30V10M24 30V16M31 30v-6",
  "M20 32a6 6 0 0 1 0-12 6 6 0 0 1 0 12zM20 12a14 14 0 0 1 14 14",
  "M6 34a14 14 0 0 1 28 0M12 34a8 8 0 0 1 16 0M0 34a20 20 0 0 1 40 0",
  "M10 10h.1M20 10h.1M30 10h.1M10 20h.1M20 20h.1M30 20h.1M10 30h.1M20 30h.1M30 30h.1",
  "M6 32 16 16l7 10 4-6 8 12zM30 11h.1",
] as const;

/** A picture drawn from an id: covers come from other hosts, and must not be cropped. */
export function Tile({ id, large }: { id: string | number; large?: boolean }) {
  const hash = hashOf(String(id));
  return (
    <svg class={`tile${large ? " large" : ""} colour-${hash % COLOURS}`} viewBox="0 0 40 40" aria-hidden="true">
      <path d={SHAPES[(hash >>> 5) % SHAPES.length]} />
    </svg>
  );
}

/** The same room, for what has no identity of its own. */
export function SymbolTile({ icon }: { icon: IconName }) {
  return <span class="tile symbol" aria-hidden="true"><Icon name={icon} /></span>;
}

function hashOf(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
  return hash >>> 0;
}
