import { Steps } from "~/ui/page";

export function MoveSteps({ at }: { at: number }) {
  return <Steps label="Moving playlists" steps={["What", "Where", "Preview"]} at={at} />;
}
