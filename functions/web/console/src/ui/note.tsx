import type { ComponentChildren } from "preact";
import type { Tone } from "./chip";
import { Icon } from "./icon";
import type { IconName } from "./icons";

const PICTURES: Record<Tone, IconName> = { ok: "check", go: "info", warn: "warn", bad: "warn", plain: "info" };

interface Props {
  title: string;
  tone?: Tone;
  icon?: IconName;
  children?: ComponentChildren;
  /** At most two. */
  actions?: ComponentChildren;
  /** Whether a screen reader is told when it appears. */
  live?: boolean;
}

/** What happened, what comes next and when, and at most two things to do about it. */
export function Note({ title, tone = "plain", icon, children, actions, live }: Props) {
  return (
    <section class={tone === "plain" ? "note" : `note ${tone}`} role={live ? (tone === "bad" ? "alert" : "status") : undefined}>
      <Icon name={icon ?? PICTURES[tone]} />
      <h2>{title}</h2>
      {children && <div>{children}</div>}
      {actions && <div class="row">{actions}</div>}
    </section>
  );
}
