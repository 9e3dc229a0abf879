/** A list of playlists to choose from: by pointer, by keys, by filter. Choosing survives filtering. */
import { useComputed, useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Schemas } from "~/api/client";
import { useKeys } from "~/keys";
import { sinceDay } from "~/text/times";
import { count } from "~/text/words";
import { Chip } from "~/ui/chip";
import { Filter, Segments } from "~/ui/field";
import { serviceName } from "~/ui/service";
import { Empty } from "~/ui/states";
import { Tile } from "~/ui/tile";
import { VirtualList } from "~/ui/virtual";
import "./chooser.css";

export type Snapshot = Schemas["PlaylistSnapshot"];
export type Chosen = ReadonlySet<string>;

type View = "all" | "mine" | "here" | "dead";
type Order = "known" | "name" | "tracks" | "dead";

interface Props {
  items: readonly Snapshot[];
  complete: boolean;
  chosen: Signal<Chosen>;
  /** How many of a playlist's tracks cannot be played, by its id at the service, of those that were checked. */
  dead: ReadonlyMap<string, number>;
  /** What stands above playlists with dead tracks, or in their place where there are none. */
  unchecked: (isEmpty: boolean) => ComponentChildren;
}

const VIRTUAL_FROM = 200;

export function Chooser({ items, complete, chosen, dead, unchecked }: Props) {
  const text = useSignal("");
  const view = useSignal<View>("all");
  const order = useSignal<Order>("known");
  const focused = useSignal(-1);
  const anchor = useRef<number | null>(null);
  const all = useSignal(items);
  all.value = items;
  const found = useSignal(dead);
  found.value = dead;

  // Ten thousand names are folded once, and not with every key.
  const names = useComputed(() => new Map(all.value.map((one) => [one, one.name.toLocaleLowerCase()])));

  const shown = useComputed(() => {
    const wanted = text.value.trim().toLocaleLowerCase();
    const deadIn = (one: Snapshot) => found.value.get(one.provider_playlist_id) ?? 0;
    const views: Record<View, (one: Snapshot) => boolean> = {
      all: () => true,
      mine: (one) => one.is_own,
      here: (one) => one.targets.length === 0,
      dead: (one) => deadIn(one) > 0,
    };
    const fits = views[view.value];
    const kept = all.value.filter((one) => fits(one) && (!wanted || names.value.get(one)!.includes(wanted)));
    if (order.value === "name") kept.sort((one, other) => one.name.localeCompare(other.name));
    if (order.value === "tracks") kept.sort((one, other) => other.track_count - one.track_count);
    if (order.value === "dead") kept.sort((one, other) => deadIn(other) - deadIn(one));
    return kept;
  });
  const rows = shown.value;

  const set = (from: number, to: number, value: boolean) => {
    const next = new Set(chosen.value);
    for (const one of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      if (!one.can_read) continue;
      if (value) next.add(one.provider_playlist_id);
      else next.delete(one.provider_playlist_id);
    }
    chosen.value = next;
  };
  const toggle = (at: number, range: boolean) => {
    const one = rows[at];
    if (!one?.can_read) return;
    const value = !chosen.value.has(one.provider_playlist_id);
    set(range && anchor.current !== null ? anchor.current : at, at, value);
    anchor.current = at;
  };
  const move = (step: number, choose: boolean) => {
    const at = Math.max(0, Math.min(rows.length - 1, focused.value + step));
    focused.value = at;
    if (choose) set(at, at, true);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus());
  };
  const chooseAll = () => set(0, rows.length - 1, true);

  useKeys([
    { key: "j", name: "J", what: "Next (Shift: and choose)", run: (event) => move(1, event.shiftKey) },
    { key: "k", name: "K", what: "Previous (Shift: and choose)", run: (event) => move(-1, event.shiftKey) },
    { key: "ctrl+a", name: "Ctrl A", what: "Choose all that is shown", run: chooseAll },
    { key: "Escape", name: "Esc", what: "Choose nothing", run: () => (chosen.value = new Set()) },
  ]);

  const readable = rows.filter((one) => one.can_read);
  const allChosen = readable.length > 0 && readable.every((one) => chosen.value.has(one.provider_playlist_id));
  const row = (one: Snapshot, at: number) => (
    <Row
      one={one}
      at={at}
      dead={dead.get(one.provider_playlist_id) ?? 0}
      chosen={chosen.value.has(one.provider_playlist_id)}
      onToggle={(range) => toggle(at, range)}
      onFocus={() => (focused.value = at)}
    />
  );

  return (
    <div class="stack">
      <div class="row">
        <Filter label={`Filter ${count(items.length, "playlist")}`} value={text.value} onInput={(value) => (text.value = value)} />
        <Segments
          label="Which playlists"
          value={view.value}
          onChange={(value) => (view.value = value)}
          choices={[{ value: "all", label: "All" }, { value: "mine", label: "Mine" }, { value: "here", label: "Only here" }, { value: "dead", label: "With dead tracks" }]}
        />
        <select aria-label="Order" value={order.value} onChange={(event) => (order.value = event.currentTarget.value as Order)}>
          <option value="known">As at the service</option>
          <option value="name">By name</option>
          <option value="tracks">Largest first</option>
          <option value="dead">Dead tracks first</option>
        </select>
      </div>
      {view.value === "dead" && !text.value && unchecked(rows.length === 0)}
      {rows.length === 0 && view.value === "dead" && !text.value ? null : rows.length === 0 ? (
        <Empty title={text.value ? "No playlist has this in its name" : "None of these"} icon="search" />
      ) : (
        <div class="card chooser">
          <label class="all">
            <input
              type="checkbox"
              checked={allChosen}
              ref={(box) => {
                if (box) box.indeterminate = !allChosen && readable.some((one) => chosen.value.has(one.provider_playlist_id));
              }}
              onChange={(event) => set(0, rows.length - 1, event.currentTarget.checked)}
            />
            Choose all {rows.length.toLocaleString()}{!complete && " that were read so far"}
          </label>
          {rows.length > VIRTUAL_FROM ? (
            <VirtualList
              label="Playlists"
              class="tall"
              items={rows}
              keyOf={(one) => one.id}
              row={row}
              current={focused.value >= 0 ? focused.value : undefined}
            />
          ) : (
            <ul aria-label="Playlists">
              {rows.map((one, at) => <li class="item" key={one.id}>{row(one, at)}</li>)}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}

interface RowProps {
  one: Snapshot;
  dead: number;
  at: number;
  chosen: boolean;
  onToggle: (range: boolean) => void;
  onFocus: () => void;
}

function Row({ one, dead, at, chosen, onToggle, onFocus }: RowProps) {
  const words = one.description || one.owner;
  const about = one.is_liked ? "Liked songs" : !one.can_read ? `Followed; ${serviceName(one.provider)} does not let it be read` : words && <bdi>{words}</bdi>;
  return (
    <>
      <label class="box">
        <input
          type="checkbox"
          data-row={at}
          checked={chosen}
          disabled={!one.can_read}
          aria-label={`Choose ${one.name}`}
          onFocus={onFocus}
          onClick={(event) => {
            event.preventDefault();
            const range = event.shiftKey;
            queueMicrotask(() => onToggle(range));
          }}
        />
      </label>
      <Tile id={one.provider_playlist_id} />
      <span class="what">
        <a class="line" href={`/app/playlists/${one.id}`}><bdi>{one.name}</bdi></a>
        <span class="small line">
          <span class="phone-only">
            {count(one.track_count, "track")}{dead > 0 && ` · ${dead.toLocaleString()} dead`}{about && " · "}
          </span>
          {about}
        </span>
      </span>
      <span class="tracks number">{one.track_count.toLocaleString()}<span class="hidden-text"> tracks</span></span>
      <span class="where">
        {one.targets[0] ? (
          <Chip tone="ok" icon="check">On {serviceName(one.targets[0].provider)} since {sinceDay(one.targets[0].since)}</Chip>
        ) : (
          <span class="small faint">Only here</span>
        )}
      </span>
      <span class="condition">{dead > 0 && <Chip tone="warn" icon="warn">{dead.toLocaleString()} dead</Chip>}</span>
    </>
  );
}
