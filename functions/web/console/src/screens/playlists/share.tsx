import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useQuery } from "~/api/query";
import { moment, since } from "~/text/times";
import { count } from "~/text/words";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Outside, Section } from "~/ui/page";
import { Note } from "~/ui/note";
import { Failure } from "~/ui/states";
import { toast } from "~/ui/toast";

type State = Schemas["ShareState"];

/** Shows a playlist to whoever has its address, and takes it back; nothing where this is not offered. */
export function Sharing({ id }: { id: number }) {
  const state = useQuery(`playlists/one/${id}/share`, (headers) =>
    api.GET("/v1/playlists/{playlist_id}/share", { params: { path: { playlist_id: id } }, headers }),
  );
  const by = useSignal<string | null>(null);
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const now = state.data.value;
  if (!now?.is_offered) return null;
  const share = now.share;
  const path = { playlist_id: id };

  const act = async (work: () => Promise<State["share"]>, done: string) => {
    busy.value = true;
    error.value = null;
    try {
      state.set({ is_offered: true, share: await work() });
      toast(done);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
    busy.value = false;
  };
  const show = () =>
    act(
      () => call(api.POST("/v1/playlists/{playlist_id}/share", { params: { path }, body: { shared_by: by.value ?? share?.shared_by ?? "" } })),
      share ? "The page shows what the playlist holds now." : "Shared.",
    );
  const revoke = () =>
    act(async () => {
      await call(api.DELETE("/v1/playlists/{playlist_id}/share", { params: { path } }));
      return null;
    }, "Not shared any more.");

  return (
    <Section title="Share">
      <div class="card pad stack">
        {error.value && <Failure error={error.value} retry={() => void show()} />}
        {share?.status === "paused" ? (
          <Note tone="warn" icon="lock" title="Not shown any more">{share.message}</Note>
        ) : share ? (
          <>
            <p>
              Whoever has this address sees {share.shown < share.total ? `the first ${share.shown.toLocaleString()} of ` : ""}
              {count(share.total, "track")}, without an account: <Outside href={share.url}>{share.url}</Outside>
            </p>
            <p class="small soft">
              Read {since(share.read_at)}. It is read again by itself before {moment(share.expires_at)}; if that fails you are told.
              {share.left_out > 0 && ` ${count(share.left_out, "entry", "entries")} only you can open, and so left out.`}
            </p>
          </>
        ) : (
          <p>Makes a page that whoever has its address can read, without an account. You can take it back at any time.</p>
        )}
        <Field
          label="Name on the page"
          name="shared_by"
          hint="Leave it empty to name nobody."
          maxLength={60}
          value={by.value ?? share?.shared_by ?? ""}
          onInput={(value) => (by.value = value)}
        />
        <div class="row">
          <Button busy={busy.value} onClick={show}>{share?.status === "paused" ? "Share it again" : share ? "Bring it up to date" : "Share it"}</Button>
          {share && (
            <>
              <Button onClick={() => void navigator.clipboard.writeText(share.url).then(() => toast("Copied."))}>Copy the address</Button>
              <Button look="danger" busy={busy.value} onClick={revoke}>Stop sharing</Button>
            </>
          )}
        </div>
      </div>
    </Section>
  );
}
