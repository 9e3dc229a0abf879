import { Tabs } from "~/ui/page";

export function ListeningTabs() {
  return (
    <Tabs
      label="Listening"
      tabs={[
        { href: "/app/listening", label: "Figures" },
        { href: "/app/listening/year", label: "Year" },
        { href: "/app/listening/plays", label: "Plays" },
        { href: "/app/listening/import", label: "Bring a history" },
      ]}
    />
  );
}
