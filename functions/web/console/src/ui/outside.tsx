/** The frame of pages that need nobody to be signed in. */
import type { ComponentChildren } from "preact";
import { Logo } from "~/frame";
import { Toasts } from "./toast";

export function OutsidePage({ children, actions, width }: { children: ComponentChildren; actions?: ComponentChildren; width?: "narrow" | "middle" }) {
  return (
    <div class="outside">
      <header>
        <Logo href="/" />
        {actions && <div class="push">{actions}</div>}
      </header>
      <main id="main" tabIndex={-1} class={width}>{children}</main>
      <footer>
        <ul>
          <li><a href="https://www.youtube.com/t/terms" target="_blank" rel="noreferrer">YouTube’s terms of service</a></li>
          <li><a href="https://policies.google.com/privacy" target="_blank" rel="noreferrer">Google’s privacy policy</a></li>
          <li><a href="/docs">For programs: the API</a></li>
        </ul>
      </footer>
      <Toasts />
    </div>
  );
}
