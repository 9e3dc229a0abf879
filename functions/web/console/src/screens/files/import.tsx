import { useSignal } from "@preact/signals";
import { api, call, once, type Schemas } from "~/api/client";
import { linked, useProviders } from "~/api/providers";
import { useQuery, WHILE_RUNNING_MS } from "~/api/query";
import { since } from "~/text/times";
import { count } from "~/text/words";
import { useBring } from "~/ui/bring";
import { ButtonLink } from "~/ui/button";
import { Chip } from "~/ui/chip";
import { Drop } from "~/ui/drop";
import { Head, Section } from "~/ui/page";
import { serviceName } from "~/ui/service";
import { Empty, Failure, Loaded } from "~/ui/states";
import { PasteList } from "./paste";
import { FilesTabs } from "./tabs";

/** Bring playlists as a file: looked for first, written when you say so. */
export default function ImportPlaylists() {
  const providers = useProviders();
  const imports = useQuery(
    "imports",
    (headers) => api.GET("/v1/imports/playlists", { params: { query: { limit: 20 } }, headers }),
    ({ items }) => (items.some((one) => one.status === "pending" || one.status === "running") ? WHILE_RUNNING_MS : null),
  );
  const target = useSignal("");
  const services = linked(providers.data.value?.items ?? []);
  const to = target.value || services[0]?.provider || "";

  const { running, error, bring } = useBring({
    make: (file) =>
      call(
        api.POST("/v1/imports/playlists", {
          body: { target_provider: to, file_name: file.name.slice(0, 200), size_bytes: file.size, dry_run: true },
          headers: once(),
        }),
      ),
    start: (import_id) => call(api.POST("/v1/imports/playlists/{import_id}/start", { params: { path: { import_id } } })),
    discard: (import_id) => call(api.DELETE("/v1/imports/playlists/{import_id}", { params: { path: { import_id } } })),
    reload: imports.reload,
    said: "Uploaded. It is being read, and its tracks are looked for; nothing is written yet.",
  });
  return (
    <>
      <Head title="Bring playlists">CSV of Exportify and its like, JSON, JSPF, XSPF, M3U, alone or many in one zip.</Head>
      <FilesTabs />
      <div class="stack wide">
        {error.value && <Failure error={error.value} />}
        <Loaded query={providers}>
          {() =>
            !services.length ? (
              <Empty icon="link" title="Link a service first" action={<ButtonLink look="primary" href="/app/start">Link a service</ButtonLink>}>The playlists have to go somewhere.</Empty>
            ) : (
              <>
                <label class="row">
                  <span class="strong">To</span>
                  <select value={to} onChange={(event) => (target.value = event.currentTarget.value)}>
                    {services.map((one) => <option key={one.provider} value={one.provider}>{one.title}</option>)}
                  </select>
                </label>
                <Drop label="Drop a file of playlists here" hint="A preview comes first; nothing is written before you say so." running={running.value} onFile={(file) => void bring(file)} />
                <PasteList busy={running.value !== null} onFile={(file) => void bring(file)} />
              </>
            )
          }
        </Loaded>
        <Loaded query={imports}>
          {({ items }) =>
            items.length > 0 && (
              <Section title="What you brought" count={items.length}>
                <ul class="card rows">
                  {items.map((one) => (
                    <li key={one.id}>
                      <span class="what">
                        <span class="strong"><bdi>{one.file_name || "A file"}</bdi></span>
                        <span class="small">{one.status === "completed" ? `${count(one.playlists, "playlist")}${one.entries ? ` with ${count(one.entries, "track")}` : ""} to ${serviceName(one.target_provider)}` : one.status_message} · {since(one.created_at)}</span>
                        {one.failed > 0 && <Unread one={one} />}
                      </span>
                      {one.status === "completed" ? <Chip tone="ok" icon="check">Read</Chip> : one.status === "failed" ? <Chip tone="bad" icon="warn">Failed</Chip> : <Chip icon="clock">{one.status === "awaiting_upload" ? "Waits for the file" : "Being read"}</Chip>}
                      {one.migration_ids.map((id, at) => (
                        <ButtonLink key={id} compact href={one.dry_run ? `/app/move/preview/${id}` : `/app/moves/${id}`} label={one.migration_ids.length > 1 ? `Look at part ${at + 1} of ${one.file_name}` : undefined}>
                          {one.migration_ids.length > 1 ? `Look at part ${at + 1}` : "Look"}
                        </ButtonLink>
                      ))}
                    </li>
                  ))}
                </ul>
              </Section>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

/** What could not be read of a file, line by line, and why. */
function Unread({ one }: { one: Schemas["PlaylistImport"] }) {
  const rest = one.failed - one.failures.length;
  return (
    <details class="small">
      <summary>{count(one.failed, "line")} could not be read</summary>
      <ul>
        {one.failures.map((each, at) => (
          <li key={at}>{[each.file, each.line > 0 && `line ${each.line.toLocaleString()}`].filter(Boolean).join(", ")}: {each.reason}</li>
        ))}
        {rest > 0 && <li>and {count(rest, "more", "more")}</li>}
      </ul>
    </details>
  );
}
