import { Tabs } from "~/ui/page";

export function SearchTabs() {
  return (
    <Tabs
      label="Search"
      tabs={[
        { href: "/app/search", label: "Search" },
        { href: "/app/search/link", label: "From a link" },
        { href: "/app/search/pins", label: "Pins" },
      ]}
    />
  );
}
