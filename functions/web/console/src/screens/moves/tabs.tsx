import { toReview } from "~/review-count";
import { Tabs } from "~/ui/page";

/** The views of Moves. */
export function MovesTabs() {
  return (
    <Tabs
      label="Moves"
      tabs={[
        { href: "/app/moves", label: "Under way" },
        { href: "/app/moves/review", label: "To review", count: toReview.value },
        { href: "/app/moves/in-step", label: "Keep in step" },
        { href: "/app/moves/past", label: "Past" },
      ]}
    />
  );
}
