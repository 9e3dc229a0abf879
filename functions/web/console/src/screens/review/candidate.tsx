import type { Schemas } from "~/api/client";
import { difference, length } from "~/text/times";
import { likelihood } from "~/text/words";
import { Button } from "~/ui/button";
import { Icon } from "~/ui/icon";
import type { IconName } from "~/ui/icons";
import { Outside } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Marked } from "./marked";

type Track = Schemas["MigratedTrack"];
type Found = Schemas["MatchCandidate"];

const SIGNS: Record<string, [IconName, string]> = { for: ["check", "speaks for it"], against: ["cross", "speaks against it"], open: ["info", "open"] };

interface Props {
  track: Track;
  one: Found;
  number: number;
  onTake: () => void;
}

/** What was found, why, and one key to take it. */
export function Candidate({ track, one, number, onTake }: Props) {
  const longer = difference(one.duration_ms, track.source.duration_ms);
  const target = serviceName(track.target_provider);
  return (
    <li class={number === 1 ? "candidate best" : "candidate"}>
      <kbd class="key keys-only" aria-hidden="true">{number}</kbd>
      <div class="found">
        <h3><Marked title={one.title} reasons={one.reason_details} side="target" /></h3>
        <p class="small soft facts-line">
          <bdi>{one.channel ?? one.artist}</bdi>
          {one.album && <bdi>{one.album}</bdi>}
          {one.duration_ms != null && <span>{length(one.duration_ms)} {longer && <b>({longer})</b>}</span>}
          <span>{likelihood(one.score)}</span>
        </p>
        <ul class="why small">
          {one.reason_details.map((reason) => {
            const [icon, says] = SIGNS[reason.sign]!;
            return (
              <li key={reason.code + reason.text} class={reason.sign}>
                <Icon name={icon} /><span class="hidden-text">{says}: </span>{sentence(reason.text)}
              </li>
            );
          })}
        </ul>
      </div>
      <div class="take">
        <Button look={number === 1 ? "primary" : "plain"} onClick={onTake} label={`${number === 1 ? "Take this" : "Take"}: ${one.title}`}>
          {number === 1 ? "Take this" : "Take"}
        </Button>
        {one.url && <Outside href={one.url}>Listen at {target}</Outside>}
      </div>
    </li>
  );
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
