/** Notices: what each kind is called where people choose, and where it leads. */
import type { Schemas } from "~/api/client";
import type { IconName } from "~/ui/icons";

type Notice = Schemas["Notice"];
type Code = Notice["code"];

/** In the order in which they are chosen. */
export const KINDS: Record<Code, [string, IconName]> = {
  "migration-needs-you": ["A move needs you", "eye"],
  "migration-stopped": ["A move stopped", "warn"],
  "migration-completed": ["A move is done", "check"],
  "pair-stopped": ["A pair stopped and asks you", "stop"],
  "pair-contested": ["Another program keeps a playlist in step, too", "stop"],
  "playlist-needs-repair": ["A playlist has entries that cannot be played", "warn"],
  "share-paused": ["A shared playlist is not shown any more", "lock"],
  "consent-ending": ["A consent ends soon", "clock"],
  "consent-ended": ["A consent has ended", "lock"],
  "export-ready": ["An export is ready", "download"],
  "import-ready": ["A file was read", "upload"],
  "webhook-switched-off": ["A webhook was switched off", "link"],
  "sign-in-from-new-place": ["Somebody signed in from a new place", "person"],
  "account-suspended": ["Your account was suspended", "lock"],
  "account-restored": ["Your account was restored", "check"],
};

/** Where one can see or do what a notice speaks of. */
export function placeOf({ code, params }: Notice): string {
  switch (code) {
    case "migration-needs-you":
    case "migration-stopped":
    case "migration-completed":
      return `/app/moves/${String(params.migration_id)}`;
    case "pair-stopped":
    case "pair-contested":
      return `/app/moves/in-step/${String(params.pair_id)}`;
    case "playlist-needs-repair":
      return "/app/playlists/looked-after";
    case "share-paused":
      return `/app/playlists/${String(params.playlist_id)}`;
    case "export-ready":
      return "/app/files";
    case "import-ready":
      return params.kind === "plays" ? "/app/listening/import" : "/app/files/import";
    case "webhook-switched-off":
      return `/app/account/webhooks/${String(params.webhook_id)}`;
    case "sign-in-from-new-place":
      return "/app/account/signin";
    case "consent-ending":
    case "consent-ended":
      return "/app/account/services";
    default:
      return "/app/account";
  }
}
