/** Every screen of the console, in the order in which they are tried. A screen is loaded when it is gone to. */
import type { Route } from "./router";

export const ROUTES: readonly Route[] = [
  { path: "/", section: "home", load: () => import("./screens/home") },
  { path: "/signin", open: true, load: () => import("./screens/signin") },
  { path: "/signup", open: true, load: () => import("./screens/signup") },
];
