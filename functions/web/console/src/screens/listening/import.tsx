import { api, call, once, type Schemas } from "~/api/client";
import { asApiError } from "~/api/problem";
import { invalidate, useQuery, WHILE_RUNNING_MS } from "~/api/query";
import { since } from "~/text/times";
import { size } from "~/text/words";
import { useBring } from "~/ui/bring";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Drop } from "~/ui/drop";
import { Note } from "~/ui/note";
import { Head, Section } from "~/ui/page";
import { Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ListeningTabs } from "./tabs";

type Import = Schemas["HistoryImport"];

const OPEN = new Set(["pending", "running", "deleting"]);

/** Bring what other services give you of what you listened to. */
export default function ImportHistory() {
  const imports = useQuery(
    "plays/imports",
    (headers) => api.GET("/v1/plays/imports", { params: { query: { limit: 20 } }, headers }),
    ({ items }) => (items.some((one) => OPEN.has(one.status)) ? WHILE_RUNNING_MS : null),
  );
  const { running, error, bring } = useBring({
    make: (file) =>
      call(api.POST("/v1/plays/imports", { body: { size_bytes: file.size, file_name: file.name.slice(0, 200) }, headers: once() })),
    start: async (import_id) => {
      await call(api.POST("/v1/plays/imports/{import_id}/start", { params: { path: { import_id } } }));
      invalidate("trends");
    },
    discard: (import_id) => call(api.DELETE("/v1/plays/imports/{import_id}", { params: { path: { import_id } } })),
    reload: imports.reload,
    said: "Uploaded. It is being read; you can close this page.",
  });
  const remove = async (one: Import) => {
    try {
      await call(api.DELETE("/v1/plays/imports/{import_id}", { params: { path: { import_id: one.id } } }));
      toast("Deleted, with exactly the plays that only it reported.");
      await imports.reload();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <>
      <Head title="Bring a history">What other services give you of what you listened to. The same play twice counts once.</Head>
      <ListeningTabs />
      <div class="columns aside">
        <div class="stack wide">
          {error.value && <Failure error={error.value} />}
          <Drop label="Drop a file here" hint="As you got it: zip, JSON, CSV, txt, .scrobbler.log" running={running.value} onFile={(file) => void bring(file)} />
          <Loaded query={imports}>
            {({ items }) =>
              items.length > 0 && (
                <Section title="What you brought" count={items.length}>
                  <ul class="card rows">
                    {items.map((one) => (
                      <li key={one.id}>
                        <span class="what">
                          <span class="strong"><bdi>{one.file_name || "A file"}</bdi></span>
                          <span class="small">
                            {one.status === "completed"
                              ? `${one.ledger.accepted.toLocaleString()} new, ${one.ledger.duplicate.toLocaleString()} known, ${one.ledger.skipped.toLocaleString()} left out, ${one.ledger.failed.toLocaleString()} unreadable`
                              : one.status_message}{" "}
                            · {size(one.size_bytes)} · {since(one.created_at)}
                          </span>
                        </span>
                        <Standing one={one} />
                        <Button compact look="quiet" icon="trash" label={`Delete ${one.file_name || "this import"}`} onClick={() => void remove(one)} />
                      </li>
                    ))}
                  </ul>
                </Section>
              )
            }
          </Loaded>
        </div>
        <div class="stack">
          <Note icon="download" title="Where to get it">
            Spotify: Account, Privacy, “Extended streaming history”; it comes by mail within 30 days. YouTube: Google Takeout, history as
            JSON. Last.fm, ListenBrainz, Maloja and Koito: their own exports.
          </Note>
          <Note icon="lock" title="What is left out">Addresses, devices and names of networks in it are not read, and the file is deleted as soon as it was read.</Note>
        </div>
      </div>
    </>
  );
}

function Standing({ one }: { one: Import }) {
  if (one.status === "completed") return <Chip tone="ok" icon="check">Read</Chip>;
  if (one.status === "failed") return <Chip tone="bad" icon="warn">Failed</Chip>;
  if (one.status === "awaiting_upload") return <Chip icon="clock">Waits for the file</Chip>;
  return <Chip tone="go" icon="run">{one.status === "deleting" ? "Being deleted" : "Being read"}</Chip>;
}
