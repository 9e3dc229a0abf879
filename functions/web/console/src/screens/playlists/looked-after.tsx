import { ButtonLink } from "~/ui/button";
import { Head, Section } from "~/ui/page";
import { Service } from "~/ui/service";
import { Empty, Loaded } from "~/ui/states";
import { LookAfter, useSchedules } from "./look-after";

/** Every playlist that is checked by itself, with what its latest check found. */
export default function LookedAfter() {
  return (
    <>
      <Head title="Looked after" back={{ href: "/app/playlists", label: "Playlists" }}>
        Playlists that are checked for what cannot be played. Nothing is written without your word.
      </Head>
      <Loaded query={useSchedules()}>
        {({ items }) =>
          items.length ? (
            <div class="stack wide">
              {items.map((one) => (
                <Section key={one.id} title={one.name || "A playlist"}>
                  <p class="small"><Service provider={one.provider} /></p>
                  <LookAfter place={{ provider: one.provider, playlist_id: one.playlist_id }} />
                </Section>
              ))}
            </div>
          ) : (
            <Empty icon="playlists" title="No playlist is looked after yet" action={<ButtonLink look="primary" href="/app/playlists">Choose a playlist</ButtonLink>}>
              Open a playlist and say how often it is to be checked.
            </Empty>
          )
        }
      </Loaded>
    </>
  );
}
