/** The frame around every screen of somebody who is signed in. */
import type { ComponentChildren } from "preact";
import { KeyboardHelp } from "./help";
import { helpShown } from "./keys";
import { useUnread } from "./notice-count";
import { path } from "./router";
import { toReview } from "./review-count";
import { SignInAgain } from "./screens/signin/again";
import { user } from "./session";
import { Icon } from "./ui/icon";
import type { IconName } from "./ui/icons";
import { Toasts } from "./ui/toast";
import { initials } from "./text/words";

interface Entry {
  section: string;
  href: string;
  label: string;
  icon: IconName;
  /** Left out of the bar at the bottom of a phone; it stands in the bar at the top there. */
  wideOnly?: boolean;
}

const ENTRIES: Entry[] = [
  { section: "home", href: "/app", label: "Home", icon: "home" },
  { section: "playlists", href: "/app/playlists", label: "Playlists", icon: "playlists" },
  { section: "moves", href: "/app/moves", label: "Moves", icon: "moves" },
  { section: "search", href: "/app/search", label: "Search", icon: "search" },
  { section: "listening", href: "/app/listening", label: "Listening", icon: "listening" },
  { section: "files", href: "/app/files", label: "Files", icon: "files", wideOnly: true },
];

export function Logo({ href = "/app" }: { href?: string }) {
  return (
    <a class="logo" href={href}>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path class="one" d="M5 23v-7a5.5 5.5 0 0 1 11 0" />
        <path class="two" d="M16 16a5.5 5.5 0 0 0 11 0V9" />
      </svg>
      MusicConnect
    </a>
  );
}

export function Frame({ section, children }: { section: string | undefined; children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to the content</a>
      <div class="app">
        <header class="top">
          <Logo />
          <a class="button quiet square" href="/app/files" aria-label="Files" aria-current={section === "files" ? "page" : undefined}><Icon name="files" /></a>
          <Bell />
          <Me />
        </header>
        <aside class="side" aria-label="Console">
          <Logo />
          <nav class="nav" aria-label="Main">
            <ul>
              {ENTRIES.map((entry) => (
                <li key={entry.section} class={entry.wideOnly ? "wide-only" : undefined}>
                  <a href={entry.href} aria-current={entry.section === section ? "page" : undefined}>
                    <Icon name={entry.icon} />
                    {entry.label}
                    {entry.section === "moves" && <Badge />}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <div class="foot">
            <button type="button" class="button quiet compact keys-only" onClick={() => (helpShown.value = true)}>
              <Icon name="keys" />
              Keys
              <kbd aria-hidden="true">?</kbd>
            </button>
            <Bell full />
            <Me full />
          </div>
        </aside>
        <main id="main" tabIndex={-1} key={path.value}>{children}</main>
      </div>
      <Toasts />
      <KeyboardHelp />
      <SignInAgain />
    </>
  );
}

function Badge() {
  const number = toReview.value;
  if (!number) return null;
  return (
    <span class="badge">
      {number > 999 ? "999+" : number}
      <span class="hidden-text"> to look at</span>
    </span>
  );
}

/** The way to notices, with how many are new. */
function Bell({ full }: { full?: boolean }) {
  const unread = useUnread();
  return (
    <a class={full ? "bell" : "bell button quiet square"} href="/app/notices" aria-current={path.value === "/app/notices" ? "page" : undefined}>
      <Icon name="bell" />
      <span class={full ? undefined : "hidden-text"}>Notices</span>
      {unread > 0 && <span class="badge">{unread > 99 ? "99+" : unread}<span class="hidden-text"> new</span></span>}
    </a>
  );
}

function Me({ full }: { full?: boolean }) {
  const name = user.value?.display_name ?? "";
  return (
    <a class="me" href="/app/account" aria-current={path.value.startsWith("/app/account") ? "page" : undefined}>
      <span class="initials" aria-hidden="true">{initials(name)}</span>
      {!full && <span class="hidden-text">Account</span>}
      {full && (
        <span class="line">
          <bdi>{name}</bdi>
          <br />
          <span class="soft">Account</span>
        </span>
      )}
    </a>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}
