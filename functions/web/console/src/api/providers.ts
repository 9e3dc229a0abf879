/** The services and how the person's accounts with them stand: read by many screens. */
import { api, type Schemas } from "./client";
import { useQuery } from "./query";

export type ProviderStatus = Schemas["ProviderStatus"];

export function useProviders() {
  return useQuery("providers", (headers) => api.GET("/v1/providers", { headers }));
}

/** Those that can be read from now. */
export function linked(items: readonly ProviderStatus[]): ProviderStatus[] {
  return items.filter((one) => one.linked && one.status === "active");
}
