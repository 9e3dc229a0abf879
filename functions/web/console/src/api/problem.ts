/** What went wrong with a request, in a form that a screen can act on. */
import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

export type Kind =
  | "offline" // no answer came
  | "session-ended"
  | "quota" // an allowance is spent, or a provider asks us to wait
  | "too-fast"
  | "provider-down"
  | "unavailable" // our own side
  | "not-there"
  | "refused"; // everything that the person can mend

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail || problem.title || "That did not work.");
  }

  /** The stable end of `type`: `address-taken`, `quota-spent`. */
  get slug(): string {
    return (this.problem.type ?? "").split(":").pop() ?? "";
  }

  get kind(): Kind {
    if (this.status === 0) return "offline";
    if (this.status === 401 && this.slug !== "wrong-credentials") return "session-ended";
    if (this.status === 404) return "not-there";
    if (this.problem.bucket) return "quota";
    if (this.status === 429) return "too-fast";
    if (this.status >= 500) return this.problem.provider ? "provider-down" : "unavailable";
    return "refused";
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** What is wrong with one field of a form, by the name that the API has for it. */
  field(name: string): string | null {
    const errors = (this.problem.errors ?? []) as { path?: string; message?: string }[];
    return errors.find((error) => error.path === `body.${name}`)?.message ?? null;
  }
}

/** How long to wait before asking again what went wrong in passing, ms, try by try; the last one goes on. */
export const RETRY_MS = [2_000, 5_000, 15_000, 30_000] as const;

/** Make an error of anything that was thrown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(500, { title: "Something went wrong here", detail: String(error) });
}
