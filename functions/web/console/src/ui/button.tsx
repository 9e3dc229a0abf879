import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import type { IconName } from "./icons";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Shared {
  children?: ComponentChildren;
  look?: Look;
  icon?: IconName;
  compact?: boolean;
  full?: boolean;
  class?: string;
  /** What a button says that shows only a picture. */
  label?: string;
  /** A key that does the same, shown where there is a keyboard. */
  shortcut?: string;
}

interface ButtonProps extends Shared {
  onClick?: (event: MouseEvent) => void;
  submit?: boolean;
  /** Why it cannot be pressed now; it stays reachable and says so. */
  refused?: string | null | false;
  busy?: boolean;
  pressed?: boolean;
}

/** A button. One that cannot be pressed now says why instead of being dead. */
export function Button({ onClick, submit, refused, busy, pressed, ...shared }: ButtonProps) {
  const off = Boolean(refused) || busy;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={classes(shared)}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      aria-pressed={pressed}
      aria-label={shared.label}
      title={refused || shared.label || undefined}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onClick?.(event);
      }}
    >
      <Content {...shared} />
    </button>
  );
}

interface LinkProps extends Shared {
  href: string;
  /** Whether it leads to another site. */
  outside?: boolean;
  download?: boolean;
}

/** A link that looks like a button. */
export function ButtonLink({ href, outside, download, ...shared }: LinkProps) {
  const elsewhere = outside ? { target: "_blank", rel: "noreferrer" } : {};
  return (
    <a class={classes(shared)} href={href} aria-label={shared.label} download={download} {...elsewhere}>
      <Content {...shared} />
    </a>
  );
}

function classes({ look = "plain", compact, full, children, class: more }: Shared): string {
  const names = ["button", look !== "plain" && look, compact && "compact", full && "full", !children && "square", more];
  return names.filter(Boolean).join(" ");
}

function Content({ icon, children, shortcut }: Shared) {
  return (
    <>
      {icon && <Icon name={icon} />}
      {children}
      {shortcut && <kbd class="keys-only" aria-hidden="true">{shortcut}</kbd>}
    </>
  );
}
