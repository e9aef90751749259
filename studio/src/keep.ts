// What is typed outlives a reload of the page, in this tab alone.

import { effect } from "@preact/signals";
import { asRequest } from "./link";
import { draft, FIRST, linked, settings, type Draft, type Settings } from "./state";
import type { PlayRequest } from "./types";

const KEY = "sideman-draft-2";

interface Kept {
  draft: Draft;
  settings: Settings;
  linked: PlayRequest | null;
}

/** Put back what was typed before the page was loaded again. */
export function restore(): void {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Kept | null;
    if (!kept || !Array.isArray(kept.draft.cells) || !kept.draft.cells.length) return;
    draft.value = kept.draft;
    settings.value = { ...settings.value, ...kept.settings };
    if (kept.linked) linked.value = asRequest(kept.linked);
  } catch {
    // storage is forbidden, or holds something else
  }
}

export function keep(): void {
  effect(() => {
    if (draft.value === FIRST || !draft.value.cells.length) return;
    const kept: Kept = { draft: draft.value, settings: settings.value, linked: linked.value };
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // then it lasts as long as the page
    }
  });
}
