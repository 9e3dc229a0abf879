/** Who is signed in. The session itself is a cookie that this code can neither read nor write. */
import { batch, signal } from "@preact/signals";
import { api, call, listeners, type Schemas } from "./api/client";
import { asApiError, type ApiError } from "./api/problem";
import { forgetAll } from "./api/query";
import { go } from "./router";

export type User = Schemas["User"];

/** undefined while that is not known yet, null for nobody. */
export const user = signal<User | null | undefined>(undefined);
/** Whether the session ended while somebody was at work: they sign in again where they are. */
export const ended = signal(false);

listeners.push((error) => {
  if (error.kind === "session-ended" && user.value) ended.value = true;
});

/** Why it cannot be found out who is signed in. */
export const unknown = signal<ApiError | null>(null);

/** Ask who is signed in. */
export async function restore(): Promise<void> {
  try {
    const someone = await call(api.GET("/v1/me"));
    unknown.value = null;
    user.value = someone;
  } catch (thrown) {
    const error = asApiError(thrown);
    if (error.status === 401) user.value = null;
    else unknown.value = error;
  }
}

/** Somebody has signed in. What another person saw before is forgotten. */
export function signedIn(someone: User): void {
  if (user.value && user.value.id !== someone.id) forgetAll();
  ended.value = false;
  user.value = someone;
}

export async function signOut(): Promise<void> {
  await call(api.POST("/v1/auth/logout"));
  signedOut();
}

/** Nobody is signed in any more: nothing of theirs stays in this page. */
export function signedOut(): void {
  forgetAll();
  sessionStorage.clear();
  batch(() => {
    go("/"); // not to the sign-in, which would bring the next person back to this place
    ended.value = false;
    user.value = null;
  });
}
