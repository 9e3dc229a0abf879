/** The services' names and marks. The drawn shapes stand in for official marks, which a deployer may add. */
const MARKS: Record<string, string> = {
  spotify: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  youtube: "M1.5 4h13v8h-13z",
  tidal: "m8 2 6 6-6 6-6-6z",
  listenbrainz: "M8 2l5 3v6l-5 3-5-3V5z",
  file: "M4 2h8v12H4z",
};
const NAMES: Record<string, string> = { spotify: "Spotify", youtube: "YouTube", tidal: "TIDAL", listenbrainz: "ListenBrainz", file: "a file", other: "elsewhere" };

export function serviceName(provider: string): string {
  return NAMES[provider] ?? provider.charAt(0).toUpperCase() + provider.slice(1);
}

/** A service: shape and name. */
export function Service({ provider, title }: { provider: string; title?: string }) {
  return (
    <span class="service">
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d={MARKS[provider] ?? "M3 3h10v10H3z"} stroke-linejoin="round" /></svg>
      {title ?? serviceName(provider)}
    </span>
  );
}

/** From one service to another. */
export function Way({ from, to }: { from: string; to: string }) {
  return (
    <span class="row tight">
      <Service provider={from} /> <span class="faint" aria-hidden="true">→</span><span class="hidden-text">to</span> <Service provider={to} />
    </span>
  );
}
