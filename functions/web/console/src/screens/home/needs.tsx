import { useSignal } from "@preact/signals";
import type { Schemas } from "~/api/client";
import { asApiError, type ApiError } from "~/api/problem";
import { link } from "~/linking";
import { count } from "~/text/words";
import { Button, ButtonLink } from "~/ui/button";
import type { IconName } from "~/ui/icons";
import { serviceName } from "~/ui/service";
import { Failure } from "~/ui/states";
import { SymbolTile } from "~/ui/tile";

type Need = Schemas["Need"];

const PICTURES: Record<string, IconName> = {
  "nothing-linked": "link", "consent-needed": "lock", "no-channel": "warn", "consent-ends": "clock",
  "tracks-to-review": "eye", "migration-failed": "warn", "pairs-ask": "run",
};

/** What waits for the person, each with the one step that takes it away. */
export function Needs({ items }: { items: readonly Need[] }) {
  const error = useSignal<ApiError | null>(null);
  const again = (provider: string) => void link(provider, "read").catch((thrown) => (error.value = asApiError(thrown)));
  return (
    <>
      {error.value && <Failure error={error.value} />}
      <ul class="card rows">
        {items.map((one, at) => (
          <li key={`${one.code}${at}`}>
            <SymbolTile icon={PICTURES[one.code] ?? "info"} />
            <span class="what">
              <span class="strong">{titleOf(one)}</span>
              <span class="small">{one.message}</span>
            </span>
            {one.code === "tracks-to-review" ? (
              <ButtonLink look={at === 0 ? "primary" : "plain"} href="/app/moves/review">Review</ButtonLink>
            ) : one.pair_id ? (
              <ButtonLink href={`/app/moves/in-step/${one.pair_id}`}>Look</ButtonLink>
            ) : one.migration_id ? (
              <ButtonLink href={`/app/moves/${one.migration_id}`}>Look</ButtonLink>
            ) : one.provider ? (
              <Button onClick={() => again(one.provider!)}>Link again</Button>
            ) : (
              <ButtonLink href="/app/start">Link</ButtonLink>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function titleOf(one: Need): string {
  const service = one.provider ? serviceName(one.provider) : "A service";
  switch (one.code) {
    case "tracks-to-review":
      return `${count(one.count ?? 0, "track")} to look at`;
    case "pairs-ask":
      return `${count(one.count ?? 1, "pair")} ${one.count === 1 ? "asks" : "ask"} you`;
    case "migration-failed":
      return (one.count ?? 1) > 1 ? `${one.count} moves failed` : "A move failed";
    case "consent-needed":
      return `${service}’s consent has ended`;
    case "consent-ends":
      return `${service}’s consent ends soon`;
    case "no-channel":
      return `${service} has no channel for you yet`;
    default:
      return "Link a service";
  }
}
