// Undo and redo: steps that know how to go back and forth.

import { signal } from "@preact/signals";

export interface Step {
  /** What the step did, in words that follow "Undo: ". */
  what: string;
  undo(): void | Promise<void>;
  redo(): void | Promise<void>;
  /** Steps of the same name that follow each other within a moment count as one. */
  merge?: string;
}

const MOST_STEPS = 500;
const MOMENT_MS = 1500;

const done: Step[] = [];
const undone: Step[] = [];
let last = 0;

export const canUndo = signal("");
export const canRedo = signal("");

/** Remember a step that has just been done. */
export function did(step: Step): void {
  const before = done.at(-1);
  const now = performance.now();
  if (before && step.merge && before.merge === step.merge && now - last < MOMENT_MS) {
    done[done.length - 1] = { ...step, undo: before.undo };
  } else {
    done.push(step);
    if (done.length > MOST_STEPS) done.shift();
  }
  last = now;
  undone.length = 0;
  tell();
}

export async function undo(): Promise<void> {
  const step = done.pop();
  if (!step) return;
  undone.push(step);
  last = 0;
  tell();
  await step.undo();
}

export async function redo(): Promise<void> {
  const step = undone.pop();
  if (!step) return;
  done.push(step);
  last = 0;
  tell();
  await step.redo();
}

function tell(): void {
  canUndo.value = done.at(-1)?.what ?? "";
  canRedo.value = undone.at(-1)?.what ?? "";
}
