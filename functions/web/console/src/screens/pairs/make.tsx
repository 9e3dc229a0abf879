import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { linked, useProviders, type ProviderStatus } from "~/api/providers";
import { invalidate } from "~/api/query";
import { link } from "~/linking";
import { go } from "~/router";
import { MODES, SCHEDULES } from "~/text/pairs";
import { Button, ButtonLink } from "~/ui/button";
import { Head, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Empty, Failure, Loaded } from "~/ui/states";
import { counterpartOf, restored, stored, type PairDraft } from "./draft";
import { Picker } from "./picker";

/** Two playlists, which way, how often. What would be written is shown before it is. */
export default function MakePair() {
  const providers = useProviders();
  return (
    <>
      <Head title="Keep a playlist in step" back={{ href: "/app/moves/in-step", label: "Keep in step" }}>
        Choose two playlists. Nothing is written before you have seen it and said yes.
      </Head>
      <Loaded query={providers}>
        {({ items }) =>
          linked(items).length ? (
            <Form items={items} />
          ) : (
            <Empty icon="link" title="No service is linked yet" action={<ButtonLink look="primary" href="/app/start">Link a service</ButtonLink>}>
              Your playlists appear here a few seconds after you link one.
            </Empty>
          )
        }
      </Loaded>
    </>
  );
}

function Form({ items }: { items: readonly ProviderStatus[] }) {
  const draft = useSignal<PairDraft>(restored());
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const { left, right, mode, schedule } = draft.value;
  const set = (change: Partial<PairDraft>) => {
    draft.value = { ...draft.value, ...change };
    stored(draft.value);
  };
  const written = [right, mode === "two_way" ? left : null].flatMap((side) => (side ? [side.provider] : []));
  const unasked = items.find((one) => written.includes(one.provider) && one.access !== "write");

  const make = async () => {
    if (!left || !right) return;
    busy.value = true;
    error.value = null;
    try {
      const side = ({ provider, playlist_id }: typeof left) => ({ provider, playlist_id });
      const made = await call(api.POST("/v1/pairs", { body: { items: [{ left: side(left), right: side(right), mode, schedule }] } }));
      stored(null);
      invalidate("pairs");
      go(`/app/moves/in-step/${made.items[0]!.id}`);
    } catch (thrown) {
      error.value = asApiError(thrown);
      busy.value = false;
    }
  };
  return (
    <div class="stack wide">
      <div class="columns two">
        <Picker
          title="First playlist" providers={items} chosen={left} other={right} written={mode === "two_way"} service={0}
          onChange={(side, snapshot) => set({ left: side, right: right ?? (snapshot && counterpartOf(snapshot)) })}
        />
        <Picker title="Second playlist" providers={items} chosen={right} other={left} written service={1} onChange={(side) => set({ right: side })} />
      </div>
      <Section title="Which way">
        <div class="card options" role="radiogroup" aria-label="Which way">
          {(Object.keys(MODES) as PairDraft["mode"][]).map((value) => (
            <label key={value}>
              <input type="radio" name="mode" checked={mode === value} onChange={() => set({ mode: value })} />
              <b>{MODES[value][0]}</b><span /><small>{MODES[value][1]}</small>
            </label>
          ))}
        </div>
      </Section>
      <Section title="How often">
        <div class="card options" role="radiogroup" aria-label="How often">
          {(Object.keys(SCHEDULES) as PairDraft["schedule"][]).map((value) => (
            <label key={value}>
              <input type="radio" name="schedule" checked={schedule === value} onChange={() => set({ schedule: value })} />
              <b>{SCHEDULES[value]}</b><span />
            </label>
          ))}
        </div>
      </Section>
      {error.value && <Failure error={error.value} />}
      <div class="actions">
        <ButtonLink look="quiet" href="/app/moves/in-step">Back</ButtonLink>
        <span class="push small soft">{unasked ? `${unasked.title} asks you first; you come back here.` : "The first look writes nothing."}</span>
        {unasked ? (
          <Button look="primary" icon="link" onClick={() => void link(unasked.provider, "write").catch((thrown) => (error.value = asApiError(thrown)))}>
            Let us write to {serviceName(unasked.provider)}
          </Button>
        ) : (
          <Button look="primary" busy={busy.value} refused={!left ? "Choose the first playlist." : !right && "Choose the second playlist."} onClick={() => void make()}>See what would be written</Button>
        )}
      </div>
    </div>
  );
}
