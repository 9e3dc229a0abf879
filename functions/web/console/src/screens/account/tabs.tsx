import { Tabs } from "~/ui/page";

export function AccountTabs() {
  return (
    <Tabs
      label="Account"
      tabs={[
        { href: "/app/account", label: "Profile" },
        { href: "/app/account/services", label: "Services" },
        { href: "/app/account/signin", label: "Sign-in" },
        { href: "/app/account/scrobblers", label: "Scrobblers" },
        { href: "/app/account/notices", label: "Notices" },
        { href: "/app/account/webhooks", label: "Webhooks" },
        { href: "/app/account/delete", label: "Delete" },
      ]}
    />
  );
}
