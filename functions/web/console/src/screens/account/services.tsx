import { useSignal } from "@preact/signals";
import { api, call } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { useProviders, type ProviderStatus } from "~/api/providers";
import { invalidate } from "~/api/query";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Head, Outside, Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ServiceRows } from "../start/services";
import { AccountTabs } from "./tabs";

/** Linked services, and ending a link. */
export default function Services() {
  const providers = useProviders();
  const leaving = useSignal<ProviderStatus | null>(null);
  const error = useSignal<ApiError | null>(null);
  const unlink = async (one: ProviderStatus) => {
    leaving.value = null;
    try {
      const done = await call(api.DELETE("/v1/providers/{provider}", { params: { path: { provider: one.provider } } }));
      for (const key of ["providers", "home", "playlists", "migrations"]) invalidate(key);
      toast(done.message);
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <>
      <Head title="Account" />
      <AccountTabs />
      <Loaded query={providers}>
        {({ items }) => (
          <div class="stack wide middle">
            {error.value && <Failure error={error.value} />}
            <ServiceRows items={items} />
            {items.some((one) => one.linked) && (
              <Section title="End a link">
                <ul class="card rows">
                  {items.filter((one) => one.linked).map((one) => (
                    <li key={one.provider}>
                      <span class="what">
                        <span class="strong">{one.title}</span>
                        <span class="small">What was read there is deleted at once. You can also end it at <Outside href={one.apps_page}>{one.title} itself</Outside>.</span>
                      </span>
                      <Button look="danger" onClick={() => (leaving.value = one)}>Unlink {one.title}</Button>
                    </li>
                  ))}
                </ul>
              </Section>
            )}
          </div>
        )}
      </Loaded>
      {leaving.value && (
        <Dialog title={`Unlink ${leaving.value.title}?`} onClose={() => (leaving.value = null)}>
          <p>Its playlists, moves and pins here are deleted at once. Nothing changes at {leaving.value.title} itself.</p>
          <div class="row end">
            <Button onClick={() => (leaving.value = null)}>Leave it linked</Button>
            <Button look="danger" onClick={() => void unlink(leaving.value!)}>Unlink {leaving.value.title}</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
