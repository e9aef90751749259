// Where the page starts.

import { render } from "preact";
import { loadPlayer, start } from "./actions";
import { startClock } from "./clock";
import { startKeys } from "./keys";
import { player, take } from "./state";
import { Page } from "./parts/Page";
import { startTheme } from "./theme";

const LONGEST_WAIT_MS = 500;

startTheme();
startKeys();
startClock();
void start();
// The letters of the title decide its size, and nothing may jump: the font is waited for, not long.
const font = document.fonts.load("900 100px Archivo").catch(() => undefined);
const late = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS));
void Promise.race([font, late]).then(() => {
  render(<Page />, document.getElementById("page")!);
  // The sound comes after the first paint: two frames on, it has been seen.
  requestAnimationFrame(() => requestAnimationFrame(() => void loadPlayer()));
});

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
