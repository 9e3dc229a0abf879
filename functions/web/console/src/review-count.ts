/** How many tracks wait for a decision; Home tells it, and every decision counts it down. */
import { signal } from "@preact/signals";

export const toReview = signal(0);
