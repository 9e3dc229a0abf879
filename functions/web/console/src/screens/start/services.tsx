import { useSignal } from "@preact/signals";
import { asApiError, type ApiError } from "~/api/problem";
import type { ProviderStatus } from "~/api/providers";
import { link } from "~/linking";
import { plainDay } from "~/text/times";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Service } from "~/ui/service";
import { Failure } from "~/ui/states";

/** The services, each with how it stands and the one step that can be taken. */
export function ServiceRows({ items, access = "read" }: { items: readonly ProviderStatus[]; access?: "read" | "write" }) {
  const error = useSignal<ApiError | null>(null);
  const leaving = useSignal<string | null>(null);
  const begin = (provider: string, wanted: "read" | "write") => {
    leaving.value = provider;
    link(provider, wanted).catch((thrown) => {
      leaving.value = null;
      error.value = asApiError(thrown);
    });
  };
  const first = items.find((one) => !one.linked);
  return (
    <div class="stack">
      {error.value && <Failure error={error.value} />}
      <ul class="card rows">
        {items.map((one) => (
          <li key={one.provider}>
            <div class="what">
              <h2><Service provider={one.provider} title={one.title} /></h2>
              <p><Standing one={one} /></p>
            </div>
            <Mark one={one} />
            {(!one.linked || one.next_step) && (
              <Button
                look={one === first ? "primary" : "plain"}
                busy={leaving.value === one.provider}
                onClick={() => begin(one.provider, one.access ?? access)}
              >
                {one.linked ? `Link ${one.title} again` : `Link ${one.title}`}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Standing({ one }: { one: ProviderStatus }) {
  if (one.next_step && one.status !== "not_linked") return <>{one.next_step.message}</>;
  if (!one.linked) return <>You sign in at {one.title} itself; we never see that password.</>;
  return (
    <>
      Linked{one.display_name && <> as <b><bdi>{one.display_name}</bdi></b></>} · {one.access === "write" ? "may read and write" : "may read"}
      {one.consent_ends_on && <> · until {plainDay(one.consent_ends_on)}</>}
    </>
  );
}

function Mark({ one }: { one: ProviderStatus }) {
  if (!one.linked) return <Chip icon="plus">Not linked</Chip>;
  if (one.status === "consent_needed") return <Chip tone="warn" icon="lock">Consent ended</Chip>;
  if (one.status === "no_channel") return <Chip tone="warn" icon="warn">No channel</Chip>;
  return <Chip tone="ok" icon="check">Linked</Chip>;
}
