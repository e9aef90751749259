// One clock for light, roll and page: the player's position, read in every frame.

import { effect } from "@preact/signals";
import { nowBar, nowChord, nowNote, player, take } from "./state";

type Listener = (seconds: number, playing: boolean) => void;

const listeners = new Set<Listener>();
let frame = 0;
let seen = -1;

/** Call a function in every frame while it plays, and once after each jump. */
export function onFrame(listener: Listener): () => void {
  listeners.add(listener);
  nudge();
  return () => listeners.delete(listener);
}

/** Look again, also where nothing plays: the position has been changed by hand. */
export function nudge(): void {
  seen = -1;
  if (!frame) frame = requestAnimationFrame(look);
}

function look(): void {
  frame = 0;
  const sound = player.peek();
  const music = take.peek()?.music;
  const plays = sound?.state.peek() === "playing";
  const at = sound && music ? sound.position() : 0;
  if (at !== seen) {
    seen = at;
    nowBar.value = music && (plays || at > 0) ? indexAt(music.bars, at) : -1;
    nowChord.value = music && (plays || at > 0) ? indexAt(music.chords, at) : -1;
    nowNote.value = music && (plays || at > 0) ? indexAt(music.solo, at) : -1;
    for (const listener of listeners) listener(at, plays);
  }
  if (plays) frame = requestAnimationFrame(look);
}

/** Return the index of the stretch that contains a moment, or -1. */
export function indexAt(stretches: readonly { start: number; end: number }[], at: number): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const one = stretches[middle]!;
    if (at < one.start) high = middle - 1;
    else if (at >= one.end) low = middle + 1;
    else return middle;
  }
  return -1;
}

export function startClock(): void {
  effect(() => {
    void player.value?.state.value;
    void take.value;
    nudge();
  });
}
