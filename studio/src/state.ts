// What the page knows, as signals.

import { computed, signal, type Signal } from "@preact/signals";
import type { Cell, Composed } from "./chart";
import { compose, problemsByBar } from "./chart";
import { did } from "./history";
import type { Player } from "./player/index";
import { HttpStudio, type Studio } from "./server";
import type {
  About,
  Arrangement,
  Chart,
  Choice,
  Control,
  Knob,
  PlayRequest,
  Problem,
  Sheet,
  Take,
  TakeSummary,
  TuneChoice,
} from "./types";

export const studio: Studio = new HttpStudio();

// The tune that the next solo is played over.

export interface Draft {
  title: string;
  /** The tune's name in the songbook; empty for a tune of one's own. */
  name: string;
  cells: readonly Cell[];
  /** The lead sheet that the bars came from, with its melody. */
  sheet: Sheet | null;
  /** The meters of that lead sheet's bars. */
  meters: readonly string[];
  /** How often the form is played where the reader says nothing. */
  choruses: number;
}

export const CHORUSES = 3;
const NOTHING: Draft = { title: "", name: "", cells: [], sheet: null, meters: [], choruses: CHORUSES };
const FIRST_BARS = "F6 D7#9 | Gm6 C7 | Gm7 C7b9 | F6 F7 | Cm7 F7 | Bbmaj7 G7#9 | F/C C7sus4 | F6 C7";
/** A first visitor finds this tune; its melody comes with the songbook. */
export const FIRST: Draft = {
  ...NOTHING,
  title: "Happy Birthday to You",
  name: "happy-birthday",
  cells: FIRST_BARS.split(" | ").map((text) => ({ section: "", text })),
};
export const draft = signal<Draft>(location.hash.length > 1 ? NOTHING : FIRST);
export const composed = computed<Composed>(() => compose(draft.value.cells));

/** The last checked chart, and the text that it was made from. */
export const checked = signal<{ text: string; chart: Chart } | null>(null);
export const chart = computed<Chart | null>(() => checked.value?.chart ?? null);
export const problems = computed<Map<number, Problem[]>>(() => {
  const found = checked.value;
  if (!found || found.text !== composed.value.text) return new Map();
  return problemsByBar(found.chart.problems, composed.value.spans);
});

/** What the tune itself says of how it is played. */
export const tune = computed(() => {
  const { sheet, choruses } = draft.value;
  return {
    tempo: sheet?.tempo ?? chart.value?.tempo ?? 0,
    key: sheet?.key ?? chart.value?.key ?? "",
    style: sheet?.style ?? chart.value?.style ?? "",
    composer: sheet?.composer ?? "",
    choruses,
  };
});

/** Give a signal another value and forget the opened link, in one step that can be undone. */
function change<T>(what: string, of: Signal<T>, after: T, merge?: string): void {
  const before = of.value;
  const linkBefore = linked.value;
  of.value = after;
  linked.value = null;
  did({
    what,
    undo() {
      of.value = before;
      linked.value = linkBefore;
    },
    redo() {
      of.value = after;
      linked.value = null;
    },
    ...(merge ? { merge } : {}),
  });
}

/** Change the tune, in one step that can be undone. */
export function edit(what: string, to: Partial<Draft>, merge?: string): void {
  change(what, draft, { ...draft.value, ...to }, merge);
}

// How it is played.

export interface Settings {
  style: string;
  instrument: string;
  player: string;
  tempo: string;
  key: string;
  choruses: string;
  seed: string;
  swing: string;
  expression: string;
  arrangement: Arrangement;
  controls: Readonly<Record<string, Control>>;
}

export const INSTRUMENT = "tenor sax";
export const ARRANGEMENT: Arrangement = {
  count_in: false,
  intro: false,
  head: true,
  fours: false,
  ending: true,
};
export const SETTINGS: Settings = {
  style: "",
  instrument: INSTRUMENT,
  player: "",
  tempo: "",
  key: "",
  choruses: "",
  seed: "",
  swing: "",
  expression: "",
  arrangement: ARRANGEMENT,
  controls: {},
};
export const settings = signal<Settings>(SETTINGS);

/** Change how it is played, in one step that can be undone. */
export function set(what: string, to: Partial<Settings>): void {
  change(what, settings, { ...settings.value, ...to }, what);
}

/** A request that was opened from a link and has not been changed: it is played as it is. */
export const linked = signal<PlayRequest | null>(null);

// What was played.

export const take = signal<Take | null>(null);
export const takes = signal<readonly TakeSummary[]>([]);
/** Whether there are older takes than those in the list. */
export const older = signal(false);
/** The take that was shown before: the other one of a comparison. */
export const other = signal<Take | null>(null);
/** A take on its way: bars that are there, and of how many. */
export const coming = signal<{ done: number; of: number; ahead: number } | null>(null);

// What is looked at.

export type Tab = "score" | "numbers";
export const tab = signal<Tab>("score");
export const part = signal("C");
/** Bars of the solo, the first and the last, counted from 0. */
export const selection = signal<{ from: number; to: number } | null>(null);
/** The bar of the grid that keys act on. */
export const activeBar = signal(0);
/** The bar of the grid that is being typed in, or -1. */
export const typedBar = signal(-1);
export const nowBar = signal(-1);
export const nowChord = signal(-1);
/** Index of the note of the solo that sounds, or -1. */
export const nowNote = signal(-1);
/** The note that the reader has chosen, or 0. */
export const chosenNote = signal(0);

export type Sheetlet = "songbook" | "text" | "keys" | "link" | "choose" | "files" | null;
export const open = signal<Sheetlet>(null);
export const choices = signal<{ tunes: readonly TuneChoice[]; take(title: string): void }>({
  tunes: [],
  take() {},
});

/** One sentence to the reader; `undo` offers to take back what it tells. */
export interface Notice {
  text: string;
  undo?: boolean;
  bad?: boolean;
}
export const notice = signal<Notice | null>(null);
export const gone = signal(false);

// What there is.

export const about = signal<About | null>(null);
export const styles = signal<readonly Choice[]>([]);
export const players = signal<readonly Choice[]>([]);
export const instruments = signal<readonly Choice[]>([]);
export const knobs = signal<readonly Knob[]>([]);
export const player = signal<Player | null>(null);
export const playing = computed(() => player.value?.state.value === "playing");

/** The title on the sleeve: of the take, else of the tune. */
export const shownTitle = computed(() => take.value?.music.title || draft.value.title || "untitled");

/** Bars of the engraved solo, in order. */
export const written = computed(() => {
  const music = take.value?.music;
  if (!music) return [];
  return music.bars
    .map((bar, index) => ({ ...bar, index }))
    .filter((bar) => bar.written !== null)
    .sort((one, two) => (one.written ?? 0) - (two.written ?? 0));
});
