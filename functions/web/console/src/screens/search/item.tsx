import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { asApiError } from "~/api/problem";
import { invalidate } from "~/api/query";
import { length } from "~/text/times";
import { Button } from "~/ui/button";
import { Outside } from "~/ui/page";
import { toast } from "~/ui/toast";

type Item = Schemas["SearchItem"];

/** One thing that a service has: its own words, unaltered, with a link to it. */
export function ItemRow({ item }: { item: Item }) {
  const pinned = useSignal(false);
  const pin = async () => {
    try {
      await call(api.POST("/v1/pins", { body: { provider: item.provider, type: item.type, id: item.id } }));
      pinned.value = true;
      invalidate("pins");
      toast("Pinned.");
    } catch (thrown) {
      toast(asApiError(thrown).message);
    }
  };
  const by = item.artists?.length ? item.artists.join(", ") : item.channel;
  return (
    <li>
      <span class="what">
        <span class="strong"><bdi>{item.title}</bdi></span>
        <span class="small">
          {by && <bdi>{by}</bdi>}
          {item.album && <> · <bdi>{item.album}</bdi></>}
          {item.duration_ms != null && <> · {length(item.duration_ms)}</>}
          {item.explicit && " · explicit"}
        </span>
        <span class="small"><Outside href={item.attribution.url}>{item.attribution.text}</Outside></span>
      </span>
      <Button compact look="quiet" icon="pin" pressed={pinned.value} label={`Pin ${item.title}`} onClick={() => void pin()} />
    </li>
  );
}
