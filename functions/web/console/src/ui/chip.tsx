import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import type { IconName } from "./icons";

export type Tone = "ok" | "go" | "warn" | "bad" | "plain";

/** How something stands: always a picture and a word, never a colour alone. */
export function Chip({ tone = "plain", icon, children }: { tone?: Tone; icon: IconName; children: ComponentChildren }) {
  return (
    <span class={tone === "plain" ? "chip" : `chip ${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  );
}
