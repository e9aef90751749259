// What the page does.

import { batch, effect } from "@preact/signals";
import { cellsOf, compose, keepsForm, metersOf, mostlySame, numbered, split, type Cell } from "./chart";
import { nudge } from "./clock";
import { did } from "./history";
import { keep, restore } from "./keep";
import { asRequest, pack, unpack } from "./link";
import { Gone, Refused, type FileKind, type Printing, type Watch } from "./server";
import {
  about,
  ARRANGEMENT,
  checked,
  choices,
  chosenNote,
  CHORUSES,
  coming,
  composed,
  draft,
  edit,
  FIRST,
  gone,
  instruments,
  INSTRUMENT,
  knobs,
  linked,
  notice,
  older,
  open,
  other,
  part,
  player,
  players,
  selection,
  settings,
  SETTINGS,
  studio,
  styles,
  tab,
  take,
  takes,
  written,
  type Draft,
  type Notice,
  type Settings,
} from "./state";
import type { Chart, Opened, PlayRequest, Sheet, SongbookTune, Take, TakeSummary } from "./types";

// The player's files; the build puts their names here.
declare const WORKLET: string;
declare const TIMER: string;

const CHECK_AFTER_MS = 40;
const LOOK_AGAIN_MS = 700;
const ENDED = 503;
const MOST_BYTES = 2_000_000;
/** Files that take a second or more. */
const SLOW_FILES: readonly FileKind[] = ["mp3", "wav", "pdf", "png"];
const AGAIN_AFTER_S = 0.6;
const VARIED = 0.5;

// Failing and coming back.

let back: Promise<void> | null = null;

/** Say that the server is gone, and resolve when it is back. */
function untilBack(): Promise<void> {
  gone.value = true;
  back ??= (async () => {
    do await pause(LOOK_AGAIN_MS);
    while (!(await studio.alive()));
    gone.value = false;
    back = null;
    void stock();
  })();
  return back;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const isAbort = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

/** Do something with the server, as soon as it is there; where it is refused, say so and return undefined. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await persist(work);
  } catch (error) {
    if (!isAbort(error)) complain(error);
    return undefined;
  }
}

/** Grows with each tune, take or request that is asked for, so that a late one knows that another came. */
let asked = 0;

/** Do as `attempt`; undefined too where something else was asked for meanwhile. */
async function attemptLatest<T>(work: () => Promise<T>): Promise<T | undefined> {
  const mine = ++asked;
  const found = await attempt(work);
  return mine === asked ? found : undefined;
}

function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  notice.value = { text, bad: true };
}

/** Ask again as soon as the server is back, unless it is stopped. */
async function persist<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const stopped = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Gone) && !(await ending(error))) throw error;
      await Promise.race([untilBack(), stopped]);
      signal?.throwIfAborted();
    }
  }
}

/** Return whether work was refused because the whole server is ending. */
async function ending(error: unknown): Promise<boolean> {
  if (!(error instanceof Refused) || error.status !== ENDED) return false;
  await pause(LOOK_AGAIN_MS);
  return !(await studio.alive());
}

// Starting.

/** Fetch what there is to choose from. */
async function stock(): Promise<void> {
  const [told, kinds, who, what, controls] = await Promise.all([
    attempt(() => studio.about()),
    attempt(() => studio.styles()),
    attempt(() => studio.players()),
    attempt(() => studio.instruments()),
    attempt(() => studio.knobs()),
    attempt(listTakes),
  ]);
  batch(() => {
    if (told) about.value = told;
    if (kinds) styles.value = kinds;
    if (who) players.value = who;
    if (what) instruments.value = what;
    if (controls) knobs.value = controls;
  });
}

/** Resolved as soon as the first tune, or that of the link, is there. */
let opening: Promise<void> = Promise.resolve();
/** Whether a link has been opened that the address still holds. */
let loaded = false;

export function start(): Promise<void> {
  opening = begin();
  return opening;
}

async function begin(): Promise<void> {
  if (location.hash.length <= 1) restore();
  keep();
  checkWhileTyping();
  const stocked = stock();
  window.addEventListener("hashchange", () => void followAddress());
  effect(() => {
    // What has been changed is no longer what the link holds; a reload would open the link again.
    if (linked.value) return;
    if (loaded && location.hash.length > 1) history.replaceState(null, "", location.pathname);
    if (notice.peek() === ofLink) notice.value = null;
  });
  window.addEventListener("focus", () => void attempt(listTakes)); // another tab may have added some
  if (location.hash.length > 1) {
    await stocked;
    if (await openLink()) return;
    if (!draft.value.cells.length) draft.value = FIRST;
  }
  const first = draft.value === FIRST && (await attempt(() => studio.tune(FIRST.name)));
  if (first && draft.value === FIRST) {
    batch(() => {
      draft.value = draftOf(first, FIRST.name);
      checked.value = { text: composed.value.text, chart: rebased(first) };
    });
  }
  await stocked;
}

/** Load the player once the page has been painted. */
export async function loadPlayer(): Promise<void> {
  try {
    const [{ createPlayer }, told] = await Promise.all([
      import("./player/index"),
      about.value ?? persist(() => studio.about()),
    ]);
    const soundfont = told.sound.soundfont;
    const made = createPlayer({ worklet: WORKLET, timer: TIMER, soundfont });
    player.value = made;
    if (take.value) made.load(take.value.music);
  } catch (error) {
    notice.value = { text: "The sound could not be loaded; all else works. Load the page again." };
    console.warn(error);
  }
}

// The tune.

function draftOf(found: Chart, name: string): Draft {
  return {
    title: found.title,
    name,
    ...formOf(cellsOf(found)),
    sheet: found.sheet,
    choruses: found.choruses_default ?? CHORUSES,
  };
}

/** Return bars as those of the lead sheet that they were read from. */
const formOf = (cells: readonly Cell[]) => ({ cells: numbered(cells), meters: metersOf(cells) });

/** Return whether the bars are still those of the lead sheet, whatever their chords. */
const fits = ({ cells, meters }: Draft, sheet: Sheet) =>
  keepsForm(cells, meters) || unchanged(sheet, compose(cells).text);

/** Return whether a melody comes with the tune, and its bars are still where they were. */
const hasMelody = (tune: Draft) => Boolean(tune.sheet?.["parts"] && fits(tune, tune.sheet));

const NO_HEAD = "The bars no longer match the melody, so the head is left out; undo brings it back.";

/** Change the tune, and say so where its melody no longer fits. */
function editTune(what: string, to: Partial<Draft>, merge?: string): void {
  const had = hasMelody(draft.value);
  edit(what, to, merge);
  if (had && !hasMelody(draft.value)) notice.value = { text: NO_HEAD, undo: true };
}

/** A chart whose problems are counted in its own text cannot be used for the grid's text. */
function rebased(found: Chart): Chart {
  return found.problems.length ? { ...found, problems: [] } : found;
}

/** All that another tune, take or request replaces. */
interface Desk {
  draft: Draft;
  settings: Settings;
  linked: PlayRequest | null;
  take: Take | null;
}

const desk = (): Desk => ({
  draft: draft.value,
  settings: settings.value,
  linked: linked.value,
  take: take.value,
});

/** Put something else on the page, in one step that can be undone. */
function replaceDesk(what: string, to: Partial<Desk>, keepBeat = false): void {
  const before = desk();
  const after: Desk = { ...before, linked: null, ...to };
  const put = (desk: Desk, keep: boolean) =>
    batch(() => {
      draft.value = desk.draft;
      settings.value = desk.settings;
      linked.value = desk.linked;
      if (desk.take === take.value) return;
      if (desk.take) showTake(desk.take, keep);
      else {
        player.value?.pause();
        take.value = null;
        selection.value = null;
      }
    });
  put(after, keepBeat);
  did({ what, undo: () => put(before, false), redo: () => put(after, false) });
}

/** Show another tune. */
function show(found: Chart, name: string, what: string): void {
  replaceDesk(what, { draft: draftOf(found, name), take: null });
  const said = found.notices[0];
  notice.value = said ? { text: said, undo: true } : null;
}

function checkWhileTyping(): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let checking: AbortController | undefined;
  effect(() => {
    const { text } = composed.value;
    const title = draft.value.title;
    clearTimeout(waiting);
    checking?.abort();
    if (!text || draft.value === FIRST || checked.peek()?.text === text) return;
    waiting = setTimeout(async () => {
      checking = new AbortController();
      const { signal } = checking;
      const found = await attempt(() => studio.check(text, title, signal));
      if (!found || signal.aborted || "tunes" in found) return;
      checked.value = { text, chart: found };
    }, CHECK_AFTER_MS);
  });
}

/** Check a whole text. */
export function checkText(text: string, title: string, signal: AbortSignal): Promise<Opened | undefined> {
  return attempt(() => studio.check(text, title, signal));
}

/** Search the songbook by a word. */
export function findTunes(word: string, signal: AbortSignal): Promise<SongbookTune[] | undefined> {
  return attempt(() => studio.songbook(word, signal));
}

export async function fromSongbook(name: string): Promise<void> {
  const found = await attemptLatest(() => studio.tune(name));
  if (!found) return;
  show(found, name, `open ${found.title}`);
  open.value = null;
}

/** Take over what was typed as text. */
export function fromText(found: Chart, text: string): void {
  const typed = split(text);
  const cells = typed.length === found.bars.length && !text.includes("%%") ? typed : cellsOf(found);
  const before = draft.value;
  // Where most bars are the same, the others were given other chords, and the melody stays.
  const kept = hasMelody(before) && mostlySame(cells, before.cells);
  editTune("the changes as text", {
    ...formOf(cells),
    ...(kept ? { meters: before.meters } : {}),
    title: found.title || before.title,
    sheet: kept ? { ...before.sheet, ...found.sheet, changes: before.sheet!.changes } : found.sheet,
    name: "",
  });
  open.value = null;
}

/** Open a file that was chosen, dropped or pasted. */
export async function openFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) {
    notice.value = { text: `${file.name} is larger than 2 MB; open a smaller file.`, bad: true };
    return;
  }
  const data = await file.arrayBuffer();
  if (file.name.toLowerCase().endsWith(".json")) {
    try {
      const found = JSON.parse(new TextDecoder().decode(data)) as { request?: unknown; kind?: unknown } | null;
      if (found && ("request" in found || "kind" in found)) {
        await openRequest(asRequest(found.request ?? found));
        return;
      }
    } catch (error) {
      complain(error instanceof SyntaxError ? new Error(`${file.name} is not JSON.`) : error);
      return;
    }
  }
  const ask = async (tune?: string) => {
    const found = await attemptLatest(() => studio.open(file.name, data, tune));
    if (found) offer(found, file.name, (title) => void ask(title));
  };
  await ask();
}

/** Open text that was pasted or dropped: changes, or a link of iReal Pro. */
export async function openText(text: string): Promise<void> {
  const at = text.indexOf("#");
  if (/^https?:\/\/\S+#[\w-]{20,}$/.test(text.trim())) {
    await openFragment(text.trim().slice(at + 1));
    return;
  }
  const ask = async (title = "") => {
    const found = await attemptLatest(() => studio.check(text, title));
    if (found) offer(found, "the pasted text", (chosen) => void ask(chosen));
  };
  await ask();
}

function offer(found: Opened, name: string, choose: (title: string) => void): void {
  if ("tunes" in found) {
    choices.value = { tunes: found.tunes, take: choose };
    open.value = "choose";
    return;
  }
  const wrong = found.problems[0];
  if (wrong && !found.bars.length) {
    notice.value = { text: wrong.message, bad: true };
    return;
  }
  open.value = null;
  show(found, "", `open ${found.title || name}`);
  if (wrong) notice.value = { text: wrong.message, bad: true, undo: true };
}

// Editing bars.

export function typeBar(at: number, text: string): void {
  const cells = draft.value.cells.map((cell, index) => (index === at ? { ...cell, text } : cell));
  editTune(`bar ${at + 1}`, { cells }, `bar ${at}`);
}

export function nameSection(at: number, section: string): void {
  const cells = draft.value.cells.map((cell, index) => (index === at ? { ...cell, section } : cell));
  edit(`section of bar ${at + 1}`, { cells });
}

export function insertBars(at: number, added: readonly Cell[], what = "add a bar"): void {
  const cells = [...draft.value.cells];
  cells.splice(at, 0, ...added.map(({ section, text }) => ({ section, text })));
  if (added.length) editTune(what, { cells });
}

export function removeBars(from: number, to: number): void {
  const cells = draft.value.cells.filter((_, index) => index < from || index > to);
  editTune(from === to ? `remove bar ${from + 1}` : `remove bars ${from + 1}–${to + 1}`, {
    cells: cells.length ? cells : [{ section: "", text: "" }],
  });
}

// Requests.

/** Return the request that the page stands at. */
export function requestNow(): PlayRequest {
  if (linked.value) return linked.value;
  if (draft.value === FIRST) return { schema: 1, kind: "play", changes: { name: FIRST.name } };
  const { title, name, sheet } = draft.value;
  const text = composed.value.text;
  const how = settings.value;
  const found = checked.value?.text === text ? checked.value.chart.sheet : null;
  let tune: Sheet = { ...(found ?? {}), ...(sheet ?? {}), title, changes: text };
  if (sheet && !fits(draft.value, sheet)) {
    const { parts: _melody, choruses: _starts, bar_styles: _styles, ...rest } = tune;
    tune = { ...rest, changes: text };
  }
  if (sheet && unchanged(sheet, text)) tune = { ...sheet, title };
  const request: PlayRequest = {
    schema: 1,
    kind: "play",
    changes: name ? { sheet: tune, name } : { sheet: tune },
  };
  if (how.style) request.style = how.style;
  if (how.instrument !== INSTRUMENT) request.instrument = how.instrument;
  if (how.player) request.player = how.player;
  if (how.tempo) request.tempo = Number(how.tempo);
  if (how.key) request.key = how.key;
  if (how.choruses) request.choruses = Number(how.choruses);
  if (how.swing) request.swing = Number(how.swing);
  if (how.expression) request.expression = Number(how.expression);
  if (how.seed) request.seed = Number(how.seed);
  if (Object.entries(how.arrangement).some(([one, on]) => ARRANGEMENT[one as "head"] !== on)) {
    request.arrangement = how.arrangement;
  }
  if (Object.keys(how.controls).length) request.controls = { ...how.controls };
  return request;
}

const unchanged = (sheet: Sheet, text: string) =>
  compose(split(sheet.changes)).text === text;

/** Return the settings that a request holds. */
function settingsOf(request: PlayRequest): Settings {
  const words = (value: unknown) => (value === undefined || value === null ? "" : String(value));
  return {
    ...SETTINGS,
    style: words(request.style),
    instrument: words(request.instrument) || INSTRUMENT,
    player: words(request.player),
    tempo: words(request.tempo),
    key: words(request.key),
    choruses: words(request.choruses),
    seed: words(request.seed),
    swing: words(request.swing),
    expression: words(request.expression),
    arrangement: { ...ARRANGEMENT, ...(request.arrangement ?? {}) },
    controls: { ...(request.controls ?? {}) },
  };
}

/** Return the form of a take inside a request as a lead sheet: its first chorus. */
function sheetOf(line: unknown): Sheet | null {
  const found = line as (Sheet & { choruses?: number[] }) | undefined;
  if (!found || typeof found.changes !== "string") return null;
  const { title = "", changes, choruses, ...rest } = found;
  const form = compose(split(changes).slice(0, choruses?.[1])).text;
  const sheet: Sheet = { title, changes: form };
  for (const name of ["key", "tempo", "style"] as const) {
    if (rest[name] !== undefined) Object.assign(sheet, { [name]: rest[name] });
  }
  return sheet;
}

/** Return the tune that a request holds, where it holds it whole. */
function tuneOf(request: PlayRequest): Draft | null {
  const sheet = request.changes?.sheet ?? sheetOf(request.take);
  if (!sheet || typeof sheet.changes !== "string") return null;
  const cells = split(sheet.changes);
  return {
    title: sheet.title ?? "",
    name: request.changes?.name ?? "",
    ...formOf(cells),
    sheet,
    choruses: CHORUSES,
  };
}

// Playing.

let work: AbortController | null = null;

export function stop(): void {
  work?.abort();
}

/** Ask for a take, draw it as it comes, show and play it; return it where nothing came between. */
async function play(
  bars: number,
  ask: (watch: Watch, signal: AbortSignal) => Promise<Take>,
  begin: (made: Take) => number = () => 0,
): Promise<Take | undefined> {
  work?.abort();
  const mine = new AbortController();
  work = mine;
  coming.value = { done: 0, of: bars, ahead: 0 };
  tab.value = "score";
  notice.value = null;
  const watch: Watch = {
    queued(ahead) {
      if (work === mine && coming.value) coming.value = { ...coming.value, ahead };
    },
    bars(done, of) {
      if (work === mine) coming.value = { done, of: of || bars, ahead: 0 };
    },
  };
  try {
    const made = await persist(() => ask(watch, mine.signal), mine.signal);
    if (work !== mine) return undefined;
    batch(() => {
      remember(made);
      showTake(made);
      coming.value = null;
    });
    if (made.remark) notice.value = { text: made.remark };
    player.value?.play(begin(made)).catch(() => undefined);
    return made;
  } catch (error) {
    if (work !== mine) return undefined;
    coming.value = null;
    if (isAbort(error)) return undefined;
    if (error instanceof Refused && error.problems.length) {
      const chartNow = checked.value?.chart;
      if (chartNow) checked.value = { text: composed.value.text, chart: { ...chartNow, problems: error.problems } };
    }
    complain(error);
    return undefined;
  } finally {
    if (work === mine) work = null;
  }
}

export async function improvise(): Promise<void> {
  await opening; // a press may come before the tune
  const lacks = about.value?.model === false && about.value.sentences["model"];
  if (lacks) {
    notice.value = { text: lacks, bad: true };
    return;
  }
  const wrong = checked.value?.text === composed.value.text ? checked.value.chart.problems[0] : null;
  if (wrong) {
    notice.value = { text: wrong.message, bad: true };
    document.querySelector<HTMLElement>(".grid .wrong button")?.focus();
    return;
  }
  const knob = document.querySelector<HTMLInputElement>(".knobs input:invalid");
  if (knob && !linked.value) {
    const { min, max, labels } = knob;
    const range = max ? `from ${min} to ${max}` : `of at least ${min}`;
    notice.value = { text: `${labels?.[0]?.textContent}: give a number ${range}, or leave it empty.`, bad: true };
    knob.closest("details")?.setAttribute("open", "");
    knob.focus();
    return;
  }
  const request = requestNow();
  const bars = draft.value.cells.length * (request.choruses ?? draft.value.choruses);
  await play(bars, (watch, signal) => studio.improvise(request, watch, signal));
}

/** The same request with another seed. */
export async function otherwise(): Promise<void> {
  const now = take.value;
  if (!now) return;
  const { seed: _seed, fingerprint: _print, version: _version, ...request } = now.request;
  await play(written.value.length, (watch, signal) =>
    studio.improvise(request as PlayRequest, watch, signal),
  );
}

/** Half of its bars anew, chosen at random. */
export async function varied(): Promise<void> {
  const now = take.value;
  if (!now) return;
  await play(written.value.length, (watch, signal) =>
    studio.vary(now.id, VARIED, watch, signal),
  );
}

/** Play the selected bars anew and keep the rest. */
export async function playAnew(): Promise<void> {
  const now = take.value;
  const bars = selection.value;
  if (!now || !bars) return;
  const words = bars.from === bars.to ? `${bars.from + 1}` : `${bars.from + 1}-${bars.to + 1}`;
  const looped = Boolean(player.value?.loop.value);
  const made = await play(
    written.value.length,
    (watch, signal) => studio.anew(now.id, words, watch, signal),
    (made) => made.music.bars.find((bar) => bar.written === bars.from)?.start ?? 0,
  );
  if (!made) return;
  selection.value = bars;
  if (looped) toggleLoop();
}

// Takes.

function summary(made: Take): TakeSummary {
  const { id, created, name, note, starred, parent, music } = made;
  const { title, tempo, seed, instrument } = music;
  return { id, created, name, note, starred, parent, title, tempo, seed, instrument, cover: [] };
}

function remember(made: Take): void {
  takes.value = [summary(made), ...takes.value.filter((one) => one.id !== made.id)];
  void attempt(listTakes);
}

/** Fetch the newest takes; older ones that are here already stay. */
async function listTakes(): Promise<void> {
  const { takes: newest, more } = await studio.takes();
  const last = takes.value.findIndex((one) => one.id === newest.at(-1)?.id);
  const rest = last >= 0 ? takes.value.slice(last + 1) : [];
  takes.value = [...newest, ...rest];
  if (!rest.length) older.value = more;
}

/** Fetch the takes before the last one in the list. */
export async function olderTakes(): Promise<void> {
  const found = await attempt(() => studio.takes(takes.value.at(-1)?.id));
  if (!found) return;
  takes.value = [...takes.value, ...found.takes];
  older.value = found.more;
}

/** Show a take; where another of the same form plays, go on at the same beat. */
export function showTake(made: Take, keepBeat = false): void {
  batch(() => {
    if (take.value && take.value.id !== made.id) other.value = take.value;
    take.value = made;
    chosenNote.value = 0;
    const last = made.music.bars.filter((bar) => bar.written !== null).length - 1;
    const bars = selection.value;
    if (bars && bars.to > last) selection.value = null;
    player.value?.load(made.music, keepBeat);
  });
  nudge();
}

/** Open a take that is kept, with all that was asked for. */
export async function openTake(id: string): Promise<void> {
  const found = await attemptLatest(() => studio.take(id));
  if (found) putTake(found);
}

/** Show a take with all that was asked for, in one step that can be undone. */
function putTake(found: Take): void {
  replaceDesk(
    `open № ${found.music.seed}`,
    { draft: tuneOf(found.request) ?? draft.value, settings: { ...settingsOf(found.request), seed: "" }, take: found },
    sameForm(take.value, found),
  );
  if (found.remark) notice.value = { text: found.remark };
}

/** Return whether two takes have the same bars, so that a beat of one is a beat of the other. */
function sameForm(one: Take | null, two: Take): boolean {
  if (!one || one.music.title !== two.music.title || one.music.bars.length !== two.music.bars.length) return false;
  return one.music.bars.every((bar, at) => {
    const twin = two.music.bars[at]!;
    return bar.place === twin.place && bar.form === twin.form && bar.beats.length === twin.beats.length;
  });
}

/** Change between the take that is shown and the one before it, at the same beat where they have one. */
export function compareTakes(): void {
  const two = other.value;
  if (!two) return;
  if (sameForm(take.value, two)) showTake(two, true);
  else putTake(two);
}

export async function changeTake(
  id: string,
  to: Partial<Pick<Take, "name" | "note" | "starred">>,
  what: string,
): Promise<void> {
  const old = takes.value.find((one) => one.id === id);
  if (!old) return;
  const before = Object.fromEntries(
    Object.keys(to).map((field) => [field, old[field as "name"]]),
  ) as typeof to;
  const apply = async (values: typeof to): Promise<boolean> => {
    const found = await attempt(() => studio.change(id, values));
    if (!found) return false;
    batch(() => {
      const { name, note, starred } = found;
      takes.value = takes.value.map((one) =>
        one.id === id ? { ...one, name, note, starred } : one,
      );
      if (take.value?.id === id) take.value = { ...take.value, name, note, starred };
    });
    return true;
  };
  if (await apply(to)) did({ what, undo: () => void apply(before), redo: () => void apply(to) });
}

export async function removeTake(id: string): Promise<void> {
  const shown = take.value?.id === id ? take.value : null;
  const remove = async (): Promise<boolean> => {
    const done = await attempt(() => studio.remove(id).then(() => true));
    if (!done) return false;
    batch(() => {
      takes.value = takes.value.filter((one) => one.id !== id);
      if (other.value?.id === id) other.value = null;
      if (take.value?.id === id) {
        player.value?.pause();
        take.value = null;
      }
      notice.value = { text: "The take is deleted.", undo: true };
    });
    return true;
  };
  const restore = async () => {
    const back = await attempt(() => studio.restore(id));
    if (!back) return;
    await attempt(listTakes);
    if (shown && !take.value) showTake(shown);
    notice.value = { text: "The take is back." };
  };
  if (await remove()) did({ what: "delete a take", undo: restore, redo: () => void remove() });
}

// Bars that are selected.

/** Select bars of the solo, by their written numbers; the order does not matter. */
export function selectBars(one: number, two: number): void {
  selection.value = { from: Math.min(one, two), to: Math.max(one, two) };
}

/** Loop the selected bars, or end the loop. */
export function toggleLoop(): void {
  const sound = player.value;
  if (!sound || !take.value) return;
  if (sound.loop.value) {
    sound.loop.value = null;
    return;
  }
  const bars = selection.value;
  const first = written.value[bars?.from ?? 0];
  const last = written.value[bars?.to ?? written.value.length - 1];
  if (!first || !last) return;
  sound.loop.value = { from: first.start, to: last.end };
  const at = sound.position();
  if (at < first.start || at >= last.end) sound.seek(first.start);
  nudge();
}

export function playFrom(seconds: number): void {
  const sound = player.value;
  if (!sound) return;
  const loop = sound.loop.value;
  if (loop && (seconds < loop.from || seconds >= loop.to)) sound.loop.value = null;
  void sound.play(seconds).catch(() => undefined);
  nudge();
}

export function togglePlay(): void {
  const sound = player.value;
  if (!sound || !take.value) return;
  if (sound.state.value === "playing") sound.pause();
  else void sound.play().catch(() => undefined);
}

/** Go some bars on or back. */
export function step(bars: number): void {
  const sound = player.value;
  const music = take.value?.music;
  if (!sound || !music) return;
  const at = sound.position();
  let bar = music.bars.findIndex((one) => at < one.end - 0.02);
  if (bar < 0) bar = music.bars.length - 1;
  const into = at - (music.bars[bar]?.start ?? 0);
  if (bars < 0 && into > AGAIN_AFTER_S) bar += 1;
  const to = music.bars[Math.max(0, Math.min(music.bars.length - 1, bar + bars))];
  if (!to) return;
  const loop = sound.loop.value;
  if (loop && (to.start < loop.from || to.start >= loop.to)) sound.loop.value = null;
  sound.seek(to.start);
  nudge();
}

// Links and files.

/** What was said of the link that was opened last. */
let ofLink: Notice | null = null;
/** What was on the page before the first of the links that are gone through. */
let beforeLinks: Desk | null = null;

/** Show the request of the address; return whether it holds one. */
async function openLink(): Promise<boolean> {
  const fragment = location.hash.slice(1);
  if (!fragment || document.getElementById(fragment) || !(await openFragment(fragment))) return false;
  loaded = true;
  return true;
}

/** Follow the browser's back and forward: to a link, or from it to what was there before. */
async function followAddress(): Promise<void> {
  if (location.hash.length > 1) await openLink();
  else if (linked.value && beforeLinks) replaceDesk("leave a shared solo", beforeLinks);
}

/** Show the request of a link; return whether it holds one, and say so where not. */
async function openFragment(fragment: string): Promise<boolean> {
  try {
    await openRequest(await unpack(fragment));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** Show a request; playing it needs a press. */
async function openRequest(request: PlayRequest): Promise<void> {
  let tune = tuneOf(request);
  if (!tune && request.changes) {
    const { name, text, title } = request.changes;
    const read = text ? () => studio.check(text, title ?? "") : name ? () => studio.tune(name) : undefined;
    const found = read && (await attemptLatest(read));
    if (read && !found) return;
    if (found && !("tunes" in found)) tune = draftOf(found, name ?? "");
  } else asked += 1;
  const mine = about.value;
  if (!linked.value) beforeLinks = desk();
  replaceDesk("open a shared solo", {
    draft: tune ?? draft.value,
    settings: settingsOf(request),
    linked: request,
    take: null,
  });
  const said = ["This is a shared solo: press improvise to play it."];
  if (mine && request.version && request.version !== mine.version) {
    said.push(
      `Version ${request.version} of sideman played it, and this is ${mine.version}: it may sound otherwise here.`,
    );
  }
  if (mine && (!mine.model || (request.fingerprint && mine.fingerprint && request.fingerprint !== mine.fingerprint))) {
    said.push("The model that played it is not here: it will sound otherwise, if at all.");
  }
  notice.value = ofLink = { text: said.join(" ") };
}

/** Return the address that opens a request, or null where it is too long for a link. */
export async function linkTo(request: PlayRequest): Promise<string | null> {
  const fragment = await pack(request);
  return fragment === null ? null : `${location.origin}/#${fragment}`;
}

export function saveBlob(data: Blob, name: string): void {
  const address = URL.createObjectURL(data);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const beingMade = new Set<string>();

export async function download(kind: FileKind, printing: Printing): Promise<void> {
  const now = take.value;
  const which = `${now?.id} ${kind} ${part.value} ${JSON.stringify(printing)}`;
  if (!now || beingMade.has(which)) return;
  beingMade.add(which);
  const wait = SLOW_FILES.includes(kind) ? { text: `The ${kind.toUpperCase()} is being made.` } : null;
  if (wait) notice.value = wait;
  const found = await attempt(() => studio.download(now.id, kind, part.value, printing));
  beingMade.delete(which);
  if (wait && notice.value === wait) notice.value = null;
  if (found) saveBlob(found.data, found.name);
}
