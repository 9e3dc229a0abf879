import { user } from "~/session";
import { ButtonLink } from "~/ui/button";
import { Head } from "~/ui/page";

export default function Home() {
  return <Head title={`Good day, ${user.value?.display_name}`} actions={<ButtonLink href="/app/move" look="primary" icon="moves">Move playlists</ButtonLink>} />;
}
