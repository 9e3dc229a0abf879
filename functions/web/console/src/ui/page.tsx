/** The parts that every page is made of. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { path } from "~/router";
import { Icon } from "./icon";

interface HeadProps {
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
  back?: { href: string; label: string };
  /** Whether the title is a name that somebody gave, in whichever script. */
  isName?: boolean;
}

/** A page's heading: where it belongs, what it is, what can be done here. */
export function Head({ title, children, actions, back, isName }: HeadProps) {
  useEffect(() => {
    document.title = `${title} · MusicConnect`;
  }, [title]);
  return (
    <div class="head">
      <div>
        {back && <a class="back" href={back.href}><Icon name="back" />{back.label}</a>}
        <h1>{isName ? <bdi>{title}</bdi> : title}</h1>
        {children && <p>{children}</p>}
      </div>
      {actions && <div class="row">{actions}</div>}
    </div>
  );
}

interface SectionProps {
  title: string;
  count?: number;
  link?: { href: string; label: string };
  children: ComponentChildren;
}

/** A part of a page under a heading of its own. */
export function Section({ title, count, link, children }: SectionProps) {
  return (
    <section class="section">
      <header>
        <h2>{title}</h2>
        {count !== undefined && <span class="count">{count.toLocaleString()}</span>}
        {link && <a href={link.href}>{link.label}</a>}
      </header>
      {children}
    </section>
  );
}

interface Tab {
  href: string;
  label: ComponentChildren;
  count?: number | null;
}

/** Views of one section; each has an address of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, label: text, count }) => (
        <a key={href} href={href} aria-current={path.value === href ? "page" : undefined}>
          {text}
          {count ? <span class="count">{count.toLocaleString()}</span> : null}
        </a>
      ))}
    </nav>
  );
}

/** How far one is in something that takes a few steps. */
export function Steps({ label, steps, at }: { label: string; steps: string[]; at: number }) {
  return (
    <ol class="steps" aria-label={label}>
      {steps.map((step, index) => (
        <li key={step} class={index < at ? "done" : undefined} aria-current={index === at ? "step" : undefined}>
          {index + 1}. {step}
        </li>
      ))}
    </ol>
  );
}

/** A link that leads to a service. */
export function Outside({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children} <Icon name="out" />
    </a>
  );
}
