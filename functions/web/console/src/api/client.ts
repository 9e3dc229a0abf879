/** The API, typed by its description. The session is a cookie that no script can read. */
import createClient from "openapi-fetch";
import { ApiError, type Problem } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  fetch: async (request) => {
    try {
      return await fetch(request);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, { title: "No answer came" });
    }
  },
});

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Called with every error of a request, before whoever asked hears of it. */
export const listeners: ((error: ApiError) => void)[] = [];

/** Give the content of an answer; throw an `ApiError` for a refusal. */
export async function call<T>(answer: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await told(answer);
  if (response.ok) return data as T;
  throw heard(refusal(error, response));
}

/** Like `call`, but null where nothing has changed since the given tag. */
export async function callUnlessKnown<T>(
  answer: Promise<Answered<T>>,
): Promise<{ data: T; etag: string | null } | null> {
  const { data, error, response } = await told(answer);
  if (response.status === 304) return null;
  if (response.ok) return { data: data as T, etag: response.headers.get("etag") };
  throw heard(refusal(error, response));
}

async function told<T>(answer: Promise<Answered<T>>): Promise<Answered<T>> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ApiError ? heard(error) : error;
  }
}

function refusal(error: unknown, response: Response): ApiError {
  const known = typeof error === "object" && error !== null && "title" in error;
  const problem = known
    ? (error as Partial<Problem>)
    : { title: response.status === 429 ? "Too many requests" : "That did not work", status: response.status };
  return new ApiError(response.status, problem, Number(response.headers.get("retry-after")) || null);
}

function heard(error: ApiError): ApiError {
  for (const listener of listeners) listener(error);
  return error;
}

/** A header by which a request that is sent twice is done once. */
export function once(): { "Idempotency-Key": string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { "Idempotency-Key": Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}
