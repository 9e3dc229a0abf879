/** Linking a service: away to its consent page, and back to where the person was. */
import { api, call, once } from "./api/client";
import { path } from "./router";

const PLACE = "linking-return";
const TOKEN_PAGE = "linking-token-page";

/** Send the person to the service's consent page, or to ours for a token. Resolves only if that cannot be begun. */
export async function link(provider: string, access: "read" | "write", returnTo = path.value, follows = false): Promise<void> {
  const started = await call(
    api.POST("/v1/providers/{provider}/link", { params: { path: { provider } }, body: { access, follows }, headers: once() }),
  );
  // A place, and nothing secret: what completes the link comes back with the browser.
  sessionStorage.setItem(PLACE, returnTo);
  if (started.linked_by === "token") {
    sessionStorage.setItem(TOKEN_PAGE, started.authorize_url);
    location.assign(`/app/linked/${provider}#${new URLSearchParams({ state: started.state })}`);
  } else {
    location.assign(started.authorize_url);
  }
}

/** Where the token stands that the person is to paste. Not out of an address, which somebody else could have made. */
export function tokenPage(): string | null {
  return sessionStorage.getItem(TOKEN_PAGE);
}

/** Where the person was when they began. */
export function placeOfReturn(): string {
  const place = sessionStorage.getItem(PLACE);
  return place?.startsWith("/app") ? place : "/app/start";
}
