import { linked, useProviders } from "~/api/providers";
import { ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head, Outside, Section, Steps } from "~/ui/page";
import { Loaded } from "~/ui/states";
import { ServiceRows } from "./services";

/** Link two services: the second of three steps to a first move. */
export default function Start() {
  const providers = useProviders();
  return (
    <>
      <Steps label="To your first move" steps={["Account", "Link two services", "Choose playlists"]} at={1} />
      <Head title="Link your services">
        Link at least one to see your playlists, two to move them. You sign in at the service itself; we never see that password.
      </Head>
      <Loaded query={providers}>
        {({ items }) => (
          <div class="columns aside">
            <div class="stack wide">
              <ServiceRows items={items} />
              <WhatWeMayDo />
              <div class="row">
                <ButtonLink
                  href="/app/playlists"
                  look={linked(items).length > 1 ? "primary" : "plain"}
                >
                  {linked(items).length ? "Go on to my playlists" : "Later"}
                </ButtonLink>
              </div>
            </div>
            <div class="stack">
              <Note tone="go" icon="clock" title="Consents end">
                Spotify’s ends six months after you gave it. Home tells you a month before; one click links it again, and nothing is lost.
              </Note>
              <Note icon="lock" title="Withdraw at any time">
                Here, or at the service:{" "}
                {items.map((one, at) => (
                  <span key={one.provider}>{at > 0 && ", "}<Outside href={one.apps_page}>{one.title}</Outside></span>
                ))}
                . What was read there is deleted at once.
              </Note>
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function WhatWeMayDo() {
  const rows = [
    ["Read your playlists and liked songs", "From the moment you link", "Your messages, payments, followers"],
    ["Write playlists that we make for you", "Asked for separately, with your first move there", "Delete a playlist of yours"],
    ["Know what you played", "Only from files and scrobblers that you bring", "Sell it or show it to others"],
  ];
  return (
    <Section title="What we may do">
      <div class="card">
        <table>
          <thead><tr><th scope="col">We</th><th scope="col">When</th><th scope="col">Never</th></tr></thead>
          <tbody>
            {rows.map(([what, when, never]) => (
              <tr key={what}><th scope="row">{what}</th><td>{when}</td><td>{never}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
