import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS, WHILE_WAITING_MS } from "~/api/query";
import { go, type Params } from "~/router";
import { isBusy, MODES, rhythmOf, standingOfPair } from "~/text/pairs";
import { since } from "~/text/times";
import { Button, ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Dialog } from "~/ui/dialog";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Service, serviceName, Way } from "~/ui/service";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ChangePair } from "./change";
import { Question } from "./question";
import { Runs } from "./runs";
import { ToDecide } from "./to-decide";

type Pair = Schemas["Pair"];
type Step = "run" | "pause" | "resume";

const SAID: Record<Step, string> = {
  run: "Both are being looked at.",
  pause: "It rests until you let it go on.",
  resume: "It goes on.",
};

/** One pair: how it stands, what it asks, what it did. */
export default function PairPage({ params }: { params: Params }) {
  const id = Number(params.id);
  const pair = useQuery(
    `pairs/${id}`,
    (headers) => api.GET("/v1/pairs/{pair_id}", { params: { path: { pair_id: id } }, headers }),
    (one) => (isBusy(one) ? WHILE_RUNNING_MS : one.status === "active" ? WHILE_WAITING_MS : null),
  );
  return <Loaded query={pair}>{(one) => <Content one={one} set={pair.set} />}</Loaded>;
}

function Content({ one, set }: { one: Pair; set: (value: Pair) => void }) {
  const error = useSignal<ApiError | null>(null);
  const dialog = useSignal<"end" | "change" | null>(null);
  const standing = standingOfPair(one);
  const path = { pair_id: one.id };

  const act = async (step: Step) => {
    error.value = null;
    try {
      set(await call(api.POST(`/v1/pairs/{pair_id}/${step}`, { params: { path } })));
      toast(SAID[step]);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  const end = async () => {
    dialog.value = null;
    try {
      await call(api.DELETE("/v1/pairs/{pair_id}", { params: { path } }));
      go("/app/moves/in-step");
      invalidate("pairs");
      toast("No longer kept in step. Both playlists stay as they are.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <>
      <Head
        title={one.left.name || one.left.playlist_id}
        isName
        back={{ href: "/app/moves/in-step", label: "Keep in step" }}
        actions={
          <>
            {one.status === "active" && (
              <>
                <Button icon="run" refused={isBusy(one) && "It is being looked at already."} onClick={() => void act("run")}>Run now</Button>
                <Button icon="pause" onClick={() => void act("pause")}>Pause</Button>
              </>
            )}
            {(one.status === "paused" || one.status === "sleeping" || one.status === "lost") && (
              <Button icon="play" onClick={() => void act("resume")}>{one.status === "paused" ? "Go on" : "Try again"}</Button>
            )}
          </>
        }
      >
        <Way from={one.left.provider} to={one.right.provider} /> since {since(one.created_at)}
      </Head>
      {error.value && <div class="stack"><Failure error={error.value} /><span /></div>}
      <div class="columns aside">
        <div class="stack wide">
          {one.status === "asking" ? (
            <Question one={one} set={set} />
          ) : (
            <div class="card pad-l stack" aria-live="polite">
              <Chip tone={standing.tone} icon={standing.icon}>{standing.text}</Chip>
              <p class="big">{one.message}</p>
            </div>
          )}
          {one.status === "sleeping" && (
            <Note tone="warn" icon="link" title="An account has to be linked again" actions={<ButtonLink compact href="/app/account/services">Services</ButtonLink>}>
              Nothing is written meanwhile. It goes on by itself once the account is linked.
            </Note>
          )}
          {one.status === "lost" && (
            <Note tone="bad" title="One of the playlists cannot be reached" actions={<Button compact look="danger" onClick={() => (dialog.value = "end")}>Stop keeping in step</Button>}>
              The other one stays as it is. If the playlist is there again, try again.
            </Note>
          )}
          <ToDecide one={one} />
          <Runs one={one} set={set} />
        </div>
        <div class="stack">
          <Section title="How it runs">
            <div class="card pad stack">
              <dl class="facts">
                <dt>First</dt><dd><bdi>{one.left.name || one.left.playlist_id}</bdi> <Service provider={one.left.provider} /></dd>
                <dt>Second</dt><dd><bdi>{one.right.name || one.right.playlist_id}</bdi> <Service provider={one.right.provider} /></dd>
                <dt>Which way</dt><dd>{MODES[one.mode][0]}</dd>
                <dt>When</dt><dd>{rhythmOf(one)}</dd>
                {one.mode !== "add_only" && <><dt>Stops above</dt><dd>{one.max_removals.toLocaleString()} taken out, or {Math.round(one.max_removal_share * 100)} of 100</dd></>}
                <dt>Last read</dt><dd>{one.checked_at ? since(one.checked_at) : "not yet"}</dd>
              </dl>
              <div class="row">
                <Button compact onClick={() => (dialog.value = "change")}>Change</Button>
                <Button compact look="danger" onClick={() => (dialog.value = "end")}>Stop keeping in step</Button>
              </div>
            </div>
          </Section>
        </div>
      </div>
      {dialog.value === "change" && <ChangePair one={one} set={set} onClose={() => (dialog.value = null)} />}
      {dialog.value === "end" && (
        <Dialog title="Stop keeping in step?" onClose={() => (dialog.value = null)}>
          <p>Both playlists stay as they are at {serviceName(one.left.provider)} and {serviceName(one.right.provider)}. What earlier runs did cannot be undone here afterwards.</p>
          <div class="row end">
            <Button onClick={() => (dialog.value = null)}>Go on with it</Button>
            <Button look="danger" onClick={() => void end()}>Stop</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
