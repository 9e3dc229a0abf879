import { Tabs } from "~/ui/page";

export function FilesTabs() {
  return <Tabs label="Files" tabs={[{ href: "/app/files", label: "Take with you" }, { href: "/app/files/import", label: "Bring playlists" }]} />;
}
