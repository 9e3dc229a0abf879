import { signal } from "@preact/signals";
import type { Schemas } from "~/api/client";
import type { Standing } from "~/text/moves";
import { since } from "~/text/times";

/** A secret that was just made: shown until it is put away, and nowhere stored. */
export const fresh = signal<{ id: number; secret: string } | null>(null);

export function standingOfWebhook(one: Schemas["Webhook"]): Standing {
  if (!one.is_enabled) {
    const why = { "by-person": "Off", failing: "Off: nothing arrived", gone: "Off: it is gone" } as const;
    return { tone: one.disabled_reason === "by-person" ? "plain" : "bad", icon: "pause", text: why[one.disabled_reason ?? "by-person"] };
  }
  if (one.failing_since) return { tone: "warn", icon: "warn", text: `Nothing arrives since ${since(one.failing_since)}` };
  return { tone: "ok", icon: "check", text: "On" };
}

export function standingOfDelivery(one: Schemas["Delivery"]): Standing {
  switch (one.status) {
    case "delivered":
      return { tone: "ok", icon: "check", text: "Arrived" };
    case "failed":
      return { tone: "bad", icon: "warn", text: "Did not arrive" };
    default:
      return { tone: "go", icon: "run", text: "On its way" };
  }
}
