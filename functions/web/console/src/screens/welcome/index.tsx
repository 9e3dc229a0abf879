import { useEffect } from "preact/hooks";
import { ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { OutsidePage } from "~/ui/outside";
import { Progress } from "~/ui/progress";
import { Way } from "~/ui/service";
import { Tile } from "~/ui/tile";

/** What this is, for somebody who is not signed in. */
export function Welcome() {
  useEffect(() => {
    document.title = "MusicConnect";
  }, []);
  return (
    <OutsidePage actions={<ButtonLink href="/app/signin" look="quiet">Sign in</ButtonLink>}>
      <div class="hero">
        <div class="stack wide">
          <h1>Your playlists, wherever you listen</h1>
          <p class="lead">
            Move them from one service to another, track by track, in order and without guessing. What is not certain
            waits for you; what was written can be taken back.
          </p>
          <div class="row">
            <ButtonLink href="/app/signup" look="primary">Make an account</ButtonLink>
            <ButtonLink href="/app/signin">Sign in</ButtonLink>
          </div>
          <ul class="stack tight soft">
            <li>See what would be found before anything is written.</li>
            <li>Search all services at once, each in its own list.</li>
            <li>Bring your listening history, see it, and take everything with you as files.</li>
          </ul>
        </div>
        <Picture />
      </div>
    </OutsidePage>
  );
}

/** What it looks like when something is moved; drawn of the same parts as the real thing. */
function Picture() {
  return (
    <div class="card" aria-hidden="true">
      <div class="pad stack tight">
        <Way from="spotify" to="youtube" />
        <p class="big"><b>312 of 330 tracks</b> are on YouTube. The rest goes on at 09:00.</p>
        <Progress value={312} max={330} label="Written" />
      </div>
      <ul class="rows">
        {([["Ferry crossing, grey morning", "57 tracks", "ok"], ["Kitchen, loud", "142 tracks", "ok"], ["Songs with a cello in them", "131 tracks", "warn"]] as const).map(
          ([name, tracks, tone]) => (
            <li key={name}>
              <Tile id={name} />
              <span class="what"><span class="strong">{name}</span><span class="small">{tracks}</span></span>
              <Chip tone={tone} icon={tone === "ok" ? "check" : "eye"}>{tone === "ok" ? "Done" : "3 to look at"}</Chip>
            </li>
          ),
        )}
      </ul>
    </div>
  );
}
