import { useSignal } from "@preact/signals";
import { api, call, type Schemas } from "~/api/client";
import { usePages } from "~/api/pages";
import { asApiError } from "~/api/problem";
import { since } from "~/text/times";
import { Button, ButtonLink } from "~/ui/button";
import { Head } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Empty, Failure, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { VirtualList } from "~/ui/virtual";
import { ListeningTabs } from "./tabs";

type Play = Schemas["Play"];

/** Every play, newest first. */
export default function Plays() {
  const pages = usePages<Play>("plays", (cursor) => api.GET("/v1/plays", { params: { query: { limit: 200, cursor } } }));
  const gone = useSignal<ReadonlySet<string>>(new Set());
  const items = pages.items.value.filter((one) => !gone.value.has(one.id));
  const remove = async (play: Play) => {
    try {
      await call(api.DELETE("/v1/plays/{play_id}", { params: { path: { play_id: play.id } } }));
      gone.value = new Set([...gone.value, play.id]);
      toast("Deleted for good.");
    } catch (thrown) {
      toast(asApiError(thrown).message);
    }
  };
  return (
    <>
      <Head title="Plays" />
      <ListeningTabs />
      {pages.error.value && <Failure error={pages.error.value} retry={() => void pages.more()} />}
      {items.length ? (
        <div class="card">
          <VirtualList
            label="Plays"
            items={items}
            keyOf={(one) => one.id}
            onEnd={() => void pages.more()}
            row={(one) => (
              <>
                <span class="grow line"><b><bdi>{one.title}</bdi></b> <span class="soft"><bdi>{one.artist}</bdi></span></span>
                <span class="small soft nowrap">{since(one.played_at)} · {serviceName(one.provider)}</span>
                <Button compact look="quiet" icon="trash" label={`Delete this play of ${one.title}`} onClick={() => void remove(one)} />
              </>
            )}
          />
        </div>
      ) : pages.complete.value ? (
        <Empty icon="listening" title="No plays yet" action={<ButtonLink href="/app/listening/import">Bring a history</ButtonLink>}>What you bring and what scrobblers send stands here, play by play.</Empty>
      ) : (
        !pages.error.value && <Skeleton rows={8} />
      )}
    </>
  );
}
