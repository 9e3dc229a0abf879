import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import { App } from "./app";
import * as keys from "./keys";
import * as router from "./router";
import { restore } from "./session";

router.start();
keys.start();
render(<App />, document.getElementById("app")!);
void restore();
