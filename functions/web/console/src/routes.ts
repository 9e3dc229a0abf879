/** Every screen of the console, in the order in which they are tried. A screen is loaded when it is gone to. */
import type { Route } from "./router";

export const ROUTES: readonly Route[] = [
  { path: "/", section: "home", load: () => import("./screens/home") },
  { path: "/signin", open: true, load: () => import("./screens/signin") },
  { path: "/signup", open: true, load: () => import("./screens/signup") },
  { path: "/start", section: "home", load: () => import("./screens/start") },
  { path: "/linked/:provider", open: true, load: () => import("./screens/linked") },
  { path: "/playlists", section: "playlists", load: () => import("./screens/playlists") },
  { path: "/playlists/:id", section: "playlists", load: () => import("./screens/playlists/one") },
  { path: "/move/where", section: "moves", load: () => import("./screens/move/where") },
  { path: "/move/preview/:id", section: "moves", load: () => import("./screens/move/preview") },
  { path: "/moves", section: "moves", load: () => import("./screens/moves") },
  { path: "/moves/past", section: "moves", load: () => import("./screens/moves") },
  { path: "/moves/review", section: "moves", load: () => import("./screens/review") },
  { path: "/moves/:id", section: "moves", load: () => import("./screens/moves/one") },
  { path: "/moves/:id/review", section: "moves", load: () => import("./screens/review") },
];
