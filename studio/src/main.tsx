// Where the page starts.

import { render } from "preact";
import { loadPlayer, start } from "./actions";
import { startClock } from "./clock";
import { startKeys } from "./keys";
import { player, take } from "./state";
import { Page } from "./parts/Page";
import { startTheme } from "./theme";

startTheme();
startKeys();
startClock();
render(<Page />, document.getElementById("page")!);
void start();
// The sound comes after the first paint: two frames on, it has been seen.
requestAnimationFrame(() => requestAnimationFrame(() => void loadPlayer()));

// What is here, for tests and for the browser's own tools.
Object.defineProperty(globalThis, "studio", {
  value: {
    get player() {
      return player.value;
    },
    get take() {
      return take.value;
    },
  },
});
