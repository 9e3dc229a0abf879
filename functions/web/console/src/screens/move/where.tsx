import { useSignal } from "@preact/signals";
import { api, call, once } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useProviders, type ProviderStatus } from "~/api/providers";
import { draft, type Draft } from "~/draft";
import { link } from "~/linking";
import { go } from "~/router";
import { count, list } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Service, serviceName } from "~/ui/service";
import { Empty, Failure, Loaded } from "~/ui/states";
import { MoveSteps } from "./steps";

type Privacy = "private" | "unlisted" | "public";

/** Step 2: to which service, and how. */
export default function Where() {
  const providers = useProviders();
  const chosen = draft.value;
  if (!chosen) {
    return (
      <>
        <MoveSteps at={0} />
        <Head title="Move playlists" />
        <Empty icon="playlists" title="Nothing is chosen yet" action={<ButtonLink look="primary" href="/app/playlists">Choose playlists</ButtonLink>}>
          Choose what to move first.
        </Empty>
      </>
    );
  }
  const library = chosen.library ?? [];
  return (
    <>
      <MoveSteps at={1} />
      <Head title="Where to">
        {chosen.playlists.length > 0 && (
          <>
            {count(chosen.playlists.length, "playlist")} with {count(chosen.tracks, "track")}: <bdi>{list(chosen.names.slice(0, 3))}</bdi>
            {chosen.names.length > 3 && ` and ${chosen.names.length - 3} more`}.{" "}
          </>
        )}
        {library.includes("artists") && "The artists whom you follow. "}
        {library.includes("albums") && "The albums that you saved."}
      </Head>
      <Loaded query={providers}>{({ items }) => <Form chosen={chosen} items={items.filter((one) => one.provider !== chosen.from && library.every((part) => part === "albums" || one.library?.includes(part)))} />}</Loaded>
    </>
  );
}

function Form({ chosen, items }: { chosen: Draft; items: readonly ProviderStatus[] }) {
  const target = useSignal((items.find((one) => one.linked) ?? items[0])?.provider ?? "");
  const copy = useSignal(false);
  const removing = useSignal(false);
  const privacy = useSignal<Privacy>("private");
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const one = items.find((item) => item.provider === target.value);
  const mayWrite = one?.linked && one.access === "write" && one.status === "active";

  const preview = async () => {
    busy.value = true;
    try {
      const made = await call(
        api.POST("/v1/migrations", {
          body: {
            source_provider: chosen.from,
            target_provider: target.value,
            playlists: chosen.playlists.length > 0 ? chosen.playlists : null,
            library: chosen.library ?? [],
            as_copy: copy.value,
            remove_missing: removing.value,
            privacy: privacy.value,
            dry_run: true,
          },
          headers: once(),
        }),
      );
      sessionStorage.setItem(`options/${made.id}`, JSON.stringify({ as_copy: copy.value, remove_missing: removing.value, privacy: privacy.value }));
      go(`/app/move/preview/${made.id}`);
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };

  return (
    <div class="stack wide">
      {error.value && (error.value.problem.follows ? <AskFollows error={error.value} /> : <Failure error={error.value} />)}
      <Section title="To which service">
        <div class="card options" role="radiogroup" aria-label="To which service">
          {items.map((item) => (
            <label key={item.provider}>
              <input type="radio" name="target" checked={item.provider === target.value} onChange={() => (target.value = item.provider)} />
              <Service provider={item.provider} title={item.title} />
              <span />
              <small>{item.linked ? (item.access === "write" ? "Linked; may write" : "Linked; writing is asked for now") : "Not linked yet"}</small>
            </label>
          ))}
        </div>
      </Section>
      <Section title="A playlist that was moved there before">
        <div class="card options" role="radiogroup" aria-label="A playlist that was moved there before">
          <label><input type="radio" name="copy" checked={!copy.value} onChange={() => (copy.value = false)} /><b>Add what is new</b><span /><small>At the end of the playlist that is there.</small></label>
          <label><input type="radio" name="copy" checked={copy.value} onChange={() => (copy.value = true)} /><b>Make another one</b><span /><small>What is there stays as it is.</small></label>
        </div>
      </Section>
      <Section title="More">
        <div class="card options">
          <label>
            <input type="checkbox" checked={removing.value} disabled={copy.value} onChange={(event) => (removing.value = event.currentTarget.checked)} />
            <b>Take out there what is gone here</b><span />
            <small>Not when that would empty it or take out more than half: that may be a mishap.</small>
          </label>
          <label>
            <span />
            <b>New playlists are</b>
            <select value={privacy.value} onChange={(event) => (privacy.value = event.currentTarget.value as Privacy)}>
              <option value="private">private</option><option value="unlisted">unlisted</option><option value="public">public</option>
            </select>
          </label>
        </div>
      </Section>
      <div class="actions">
        <ButtonLink look="quiet" href={`/app/playlists?service=${chosen.from}`}>Back</ButtonLink>
        <span class="push small soft">{mayWrite ? "The preview writes nothing." : one ? `${one.title} asks you first; you come back here.` : ""}</span>
        {mayWrite ? (
          <Button look="primary" busy={busy.value} onClick={preview}>Preview</Button>
        ) : (
          <Button look="primary" icon="link" refused={!one && "There is no other service yet."} onClick={() => void link(target.value, "write").catch((thrown) => (error.value = asApiError(thrown)))}>
            Let us write to {one?.title}
          </Button>
        )}
      </div>
    </div>
  );
}

/** A service that asks by itself for whom the person follows: they agree there, and come back here. */
function AskFollows({ error }: { error: ApiError }) {
  const failed = useSignal<ApiError | null>(null);
  const { provider = "", access } = error.problem;
  const ask = () => void link(provider, access === "write" ? "write" : "read", undefined, true).catch((thrown) => (failed.value = asApiError(thrown)));
  return (
    <Note tone="warn" icon="link" live title={error.message} actions={<Button icon="link" onClick={ask}>Agree at {serviceName(provider)}</Button>}>
      {failed.value ? failed.value.message : "You come back here, and nothing that you have chosen is lost."}
    </Note>
  );
}
