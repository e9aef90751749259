// The keys of the page, where no field and no button takes them.

import { improvise, openFile, openText, otherwise, playAnew, step, stop, toggleLoop, togglePlay, compareTakes, varied } from "./actions";
import { nudge } from "./clock";
import { redo, undo } from "./history";
import { changeSpeed, ROLES, toggleMute } from "./parts/PlayerBar";
import { coming, notice, open, player, selection } from "./state";
import { nextTheme } from "./theme";

const SPEED_STEP = 0.05;

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
  // A button that was pressed by mouse or finger lets go of the keys, so that space plays.
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (event.detail > 0 && button && !button.closest(".grid, .tools, dialog")) button.blur();
  });
  document.addEventListener("paste", onPaste);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.documentElement.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.documentElement.classList.remove("dropping");
  });
  document.addEventListener("drop", onDrop);
}

const isField = (element: Element) =>
  element.matches("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");

/** Keys that go on while they are held; the others act once. */
const HELD = /^(Arrow.*|[-+=uUzZyY])$/;

function onKey(event: KeyboardEvent): void {
  const target = event.target as Element;
  const command = event.ctrlKey || event.metaKey;
  const field = isField(target);
  if (command && event.key === "Enter" && !open.value) {
    event.preventDefault();
    if (!event.repeat) void improvise();
    return;
  }
  const inText = target.matches("input:not([type=range]):not([type=checkbox]), textarea") && !target.closest(".grid");
  if (command && event.key.toLowerCase() === "z" && !inText) {
    event.preventDefault();
    void (event.shiftKey ? redo() : undo());
    return;
  }
  if (command && event.key.toLowerCase() === "y" && !inText) {
    event.preventDefault();
    void redo();
    return;
  }
  if (field || open.value || command || event.altKey) return;
  const pressable = target.matches("button, a, summary, input");
  const slider = target.matches("input[type=range]");
  if (pressable && !slider && (event.key === "Enter" || event.key === " ")) return;
  if (slider && event.key.startsWith("Arrow")) return;
  if (event.repeat && !HELD.test(event.key)) event.preventDefault();
  else if (act(event)) event.preventDefault();
}

/** Do what a key stands for; return whether it stands for something. */
function act(event: KeyboardEvent): boolean {
  const role = ROLES[Number(event.key) - 1];
  if (role) {
    toggleMute(role[0]);
    return true;
  }
  switch (event.key) {
    case " ": togglePlay(); return true;
    case "Enter": void improvise(); return true;
    case "Escape":
      if (coming.value) stop();
      else if (notice.value) notice.value = null;
      else selection.value = null;
      return true;
    case "ArrowLeft": step(-1); return true;
    case "ArrowRight": step(1); return true;
    case "0": player.value?.seek(0); nudge(); return true;
    case "l": toggleLoop(); return true;
    case "a": void playAnew(); return true;
    case "o": void otherwise(); return true;
    case "v": void varied(); return true;
    case "c": compareTakes(); return true;
    case "+": case "=": changeSpeed(SPEED_STEP); return true;
    case "-": changeSpeed(-SPEED_STEP); return true;
    case "u": void undo(); return true;
    case "s": open.value = "songbook"; return true;
    case "d": nextTheme(); return true;
    case "?": open.value = "keys"; return true;
    default: return false;
  }
}

function onPaste(event: ClipboardEvent): void {
  if (isField(event.target as Element) || open.value) return;
  const file = event.clipboardData?.files[0];
  const text = event.clipboardData?.getData("text/plain").trim();
  if (file) void openFile(file);
  else if (text) void openText(text);
  else return;
  event.preventDefault();
}

function onDrop(event: DragEvent): void {
  event.preventDefault();
  document.documentElement.classList.remove("dropping");
  const file = event.dataTransfer?.files[0];
  const text = event.dataTransfer?.getData("text/plain").trim();
  if (file) void openFile(file);
  else if (text) void openText(text);
}
