import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { toExport } from "~/draft";
import { asApiError, type ApiError } from "~/api/problem";
import { linked, useProviders } from "~/api/providers";
import { useQuery, WHILE_RUNNING_MS } from "~/api/query";
import { day, since } from "~/text/times";
import { count, list, size } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Head, Section } from "~/ui/page";
import { Progress } from "~/ui/progress";
import { Empty, Failure, Loaded } from "~/ui/states";
import { toast } from "~/ui/toast";
import { FilesTabs } from "./tabs";

type Export = Schemas["Export"];
type Type = Schemas["ExportType"];

const TYPES: { value: Type; label: string; of?: "playlists" }[] = [
  { value: "account_archive", label: "Everything, in one archive" },
  { value: "playlists_csv", label: "Playlists, as CSV", of: "playlists" },
  { value: "playlists_json", label: "Playlists, as JSON", of: "playlists" },
  { value: "playlists_xspf", label: "Playlists, as XSPF", of: "playlists" },
  { value: "playlists_jspf", label: "Playlists, as JSPF", of: "playlists" },
  { value: "playlists_m3u8", label: "Playlists, as M3U", of: "playlists" },
  { value: "history_csv", label: "Plays, as CSV" },
  { value: "history_json", label: "Plays, as JSON" },
  { value: "pins_csv", label: "Pins, as CSV" },
  { value: "migrations_csv", label: "What became of every moved track" },
  { value: "trends_csv", label: "Daily figures, as CSV" },
];

/** Take what is yours with you. */
export default function Files() {
  const exports = useQuery(
    "exports",
    (headers) => api.GET("/v1/exports", { params: { query: { limit: 50 } }, headers }),
    ({ items }) => (items.some((one) => one.status === "pending" || one.status === "running") ? WHILE_RUNNING_MS : null),
  );
  const providers = useProviders();
  const type = useSignal<Type>(toExport.value ? "playlists_csv" : "account_archive");
  const provider = useSignal("");
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const chosen = TYPES.find((one) => one.value === type.value);
  const services = linked(providers.data.value?.items ?? []);

  const ask = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    error.value = null;
    try {
      const some = toExport.value;
      const filters = chosen?.of !== "playlists" ? {} : some ? { provider: some.provider, playlists: some.playlists } : provider.value ? { provider: provider.value } : {};
      await call(api.POST("/v1/exports", { body: { type: type.value, filters }, headers: once() }));
      toExport.value = null;
      await exports.reload();
      toast("It is being made. You can close this page.");
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const remove = async (one: Export) => {
    try {
      const path = { params: { path: { export_id: one.id } } };
      if (one.status === "pending" || one.status === "running") await call(api.POST("/v1/exports/{export_id}/cancel", path));
      else await call(api.DELETE("/v1/exports/{export_id}", path));
      await exports.reload();
    } catch (thrown) {
      error.value = asApiError(thrown);
    }
  };
  return (
    <>
      <Head title="Files">What is yours, in forms that other programs read.</Head>
      <FilesTabs />
      <div class="stack wide">
        {error.value && <Failure error={error.value} />}
        <form class="card pad row" onSubmit={ask}>
          <select aria-label="What" value={type.value} onChange={(event) => (type.value = event.currentTarget.value as Type)}>
            {TYPES.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
          </select>
          {chosen?.of === "playlists" && toExport.value ? (
            <span class="row">
              <span>{count(toExport.value.playlists.length, "playlist")}: <bdi>{list(toExport.value.names.slice(0, 3))}</bdi>{toExport.value.names.length > 3 && " and more"}</span>
              <Button compact look="quiet" icon="cross" onClick={() => (toExport.value = null)}>All of them instead</Button>
            </span>
          ) : chosen?.of === "playlists" && (
            <select aria-label="From" value={provider.value} onChange={(event) => (provider.value = event.currentTarget.value)}>
              <option value="">From every service</option>
              {services.map((one) => <option key={one.provider} value={one.provider}>From {one.title}</option>)}
            </select>
          )}
          <Button submit look="primary" icon="download" busy={busy.value}>Make the file</Button>
        </form>
        <Loaded query={exports}>
          {({ items }) =>
            items.length ? (
              <Section title="Made for you" count={items.length}>
                <ul class="card rows">{items.map((one) => <Row key={one.id} one={one} onRemove={() => void remove(one)} />)}</ul>
              </Section>
            ) : (
              <Empty icon="files" title="No files yet">They are made in the background and stay for some days.</Empty>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

function Row({ one, onRemove }: { one: Export; onRemove: () => void }) {
  const name = TYPES.find((type) => type.value === one.type)?.label ?? one.type;
  const open = one.status === "pending" || one.status === "running";
  const ends = one.files[0]?.expires_at;
  return (
    <li>
      <span class="what">
        <span class="strong">{name}</span>
        <span class="small">
          {since(one.requested_at)}
          {one.status === "completed" && one.files.length > 0 ? ` · ${count(one.files.reduce((sum, file) => sum + file.row_count, 0), "row")}, ${size(one.files.reduce((sum, file) => sum + file.size_bytes, 0))}${ends ? ` · until ${day(ends)}` : ""}` : ` · ${one.status_message}`}
        </span>
        {one.notes.map((note) => <span class="small" key={note}>{note}</span>)}
        {open && <Progress value={one.progress.percent} max={100} label={`Of ${name}`} />}
      </span>
      {one.status === "completed" ? <Chip tone="ok" icon="check">Ready</Chip> : one.status === "failed" ? <Chip tone="bad" icon="warn">Failed</Chip> : <Chip tone="go" icon="run">Being made</Chip>}
      {one.files.map((file) => (
        <ButtonLink key={file.id} compact download icon="download" href={file.download} label={`Download ${file.name}`}>{one.files.length > 1 ? file.name : "Download"}</ButtonLink>
      ))}
      <Button compact look="quiet" icon={open ? "cross" : "trash"} label={open ? `Cancel ${name}` : `Delete ${name}`} onClick={onRemove} />
    </li>
  );
}
