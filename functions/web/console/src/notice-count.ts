/** How many notices have not been read: asked for while the console is open, and counted down by reading. */
import { api } from "./api/client";
import { useQuery } from "./api/query";

const PACE_MS = 60_000;

export function useUnread(): number {
  const latest = useQuery("unread", (headers) => api.GET("/v1/notices", { params: { query: { unread: true, limit: 1 } }, headers }), () => PACE_MS);
  return latest.data.value?.unread ?? 0;
}
