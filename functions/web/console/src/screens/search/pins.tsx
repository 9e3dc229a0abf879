import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError } from "~/api/problem";
import { since } from "~/text/times";
import { Button, ButtonLink } from "~/ui/button";
import { Head, Outside, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { SearchTabs } from "./tabs";

type Pin = Schemas["Pin"];

/** What was pinned, by service. */
export default function Pins() {
  const pages = usePages<Pin>("pins", (cursor) => api.GET("/v1/pins", { params: { query: { limit: 100, cursor } } }), true);
  const gone = useSignal<ReadonlySet<number>>(new Set());
  const unpin = async (pin: Pin) => {
    try {
      await call(api.DELETE("/v1/pins/{pin_id}", { params: { path: { pin_id: pin.id } } }));
      gone.value = new Set([...gone.value, pin.id]);
      toast("Unpinned.", () =>
        void call(api.POST("/v1/pins", { body: { provider: pin.provider, type: pin.type, id: pin.item_id } })).then(() => pages.restart()),
      );
    } catch (thrown) {
      toast(asApiError(thrown).message);
    }
  };
  const items = pages.items.value.filter((one) => !gone.value.has(one.id));
  const services = [...new Set(items.map((one) => one.provider))];
  return (
    <>
      <Head title="Pins" />
      <SearchTabs />
      {pages.error.value ? (
        <Failure error={pages.error.value} retry={() => void pages.restart()} />
      ) : !pages.complete.value ? (
        <Skeleton />
      ) : items.length === 0 ? (
        <Empty icon="pin" title="Nothing is pinned" action={<ButtonLink href="/app/search">Search</ButtonLink>}>Pin what you found to have it here.</Empty>
      ) : (
        <div class="columns two">
          {services.map((service) => (
            <Section key={service} title={serviceName(service)} count={items.filter((one) => one.provider === service).length}>
              <ul class="card rows">
                {items.filter((one) => one.provider === service).map((one) => (
                  <li key={one.id}>
                    <span class="what">
                      <span class="strong"><bdi>{one.title ?? "Its title is being read again"}</bdi></span>
                      <span class="small"><bdi>{one.subtitle}</bdi> · pinned {since(one.pinned_at)}</span>
                      <span class="small"><Outside href={one.attribution.url}>{one.attribution.text}</Outside></span>
                    </span>
                    <Button compact look="quiet" icon="cross" label={`Unpin ${one.title ?? "it"}`} onClick={() => void unpin(one)} />
                  </li>
                ))}
              </ul>
            </Section>
          ))}
        </div>
      )}
    </>
  );
}
