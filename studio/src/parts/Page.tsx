// The whole page, in the order in which it is read.

import { canRedo, canUndo, redo, undo } from "../history";
import { open } from "../state";
import { nextTheme, theme } from "../theme";
import { Changes } from "./Changes";
import { Dialogs } from "./Dialogs";
import { Improvise } from "./Improvise";
import { Knobs } from "./Knobs";
import { Main } from "./Main";
import { PlayerBar } from "./PlayerBar";
import { Sleeve } from "./Sleeve";
import { Takes } from "./Takes";

export function Page() {
  return (
    <>
      <a class="skip" href="#score" onClick={(event) => { event.preventDefault(); document.getElementById("score")?.focus(); }}>To the score</a>
      <div class="studio">
        <div class="left">
          <Sleeve />
          <Improvise />
          <Knobs />
          <Changes />
          <Foot />
        </div>
        <Main />
        <Takes />
        <PlayerBar />
      </div>
      <Dialogs />
    </>
  );
}

function Foot() {
  return (
    <footer class="foot">
      <button type="button" disabled={!canUndo.value} title={canUndo.value && `Undo: ${canUndo.value}`} onClick={() => void undo()}>undo</button>
      <button type="button" disabled={!canRedo.value} title={canRedo.value && `Redo: ${canRedo.value}`} onClick={() => void redo()}>redo</button>
      <button type="button" onClick={nextTheme}>{theme.value === "auto" ? "light or dark" : theme.value}<span class="vh">: change dark and light</span></button>
      <button type="button" onClick={() => (open.value = "keys")}>keys</button>
      <a href="/docs">interface</a>
    </footer>
  );
}
