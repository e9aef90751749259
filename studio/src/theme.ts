// Dark and light: as the system has it, or as the reader has chosen.

import { signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEY = "sideman-theme";
const NEXT: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };

export const theme = signal<Theme>("auto");

export function startTheme(): void {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // private windows may forbid it
  }
  apply(kept === "light" || kept === "dark" ? kept : "auto");
}

export function nextTheme(): void {
  apply(NEXT[theme.value]);
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // then it lasts as long as the page
  }
}

function apply(to: Theme): void {
  theme.value = to;
  document.documentElement.dataset["theme"] = to;
}
