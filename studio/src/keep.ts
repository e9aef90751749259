// What is typed outlives a reload of the page, in this tab alone.

import { effect } from "@preact/signals";
import { draft, FIRST, settings, type Draft, type Settings } from "./state";

const KEY = "sideman-draft-1";

interface Kept {
  draft: Draft;
  settings: Settings;
}

/** Put back what was typed before the page was loaded again; return whether there was something. */
export function restore(): boolean {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
    if (!kept || !Array.isArray(kept.draft.cells) || !kept.draft.cells.length) return false;
    draft.value = kept.draft;
    settings.value = { ...settings.value, ...kept.settings };
    return true;
  } catch {
    return false; // storage is forbidden, or holds something else
  }
}

export function keep(): void {
  effect(() => {
    if (draft.value === FIRST || !draft.value.cells.length) return;
    const kept: Kept = { draft: draft.value, settings: settings.value };
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // then it lasts as long as the page
    }
  });
}
