// Which notes fall into a window of audio time. Pure.
import { rounds, type Span } from "./clock";
import type { Bar, ControlRow, Loop, Music, NoteRow, Part, Role } from "./types";

export interface Event {
  readonly start: number;
  readonly end: number;
  readonly pitch: number;
  readonly velocity: number;
  readonly channel: number;
  readonly role: Role;
  /** What changes from this note to the next, in seconds after its start. */
  readonly controls?: readonly ControlRow[];
}

/** An event with its times on the audio clock. */
export interface Due {
  readonly at: number;
  readonly until: number;
  /** Seconds of music in a second. */
  readonly rate: number;
  readonly event: Event;
}

export interface Channel {
  readonly channel: number;
  readonly program: number;
  readonly drums: boolean;
  readonly volume: number;
  readonly pan: number;
}

export interface Band {
  /** Sorted by start. */
  readonly events: readonly Event[];
  readonly channels: readonly Channel[];
  readonly end: number;
}

export const WHEEL = -1;
/** What every note of a part with controls begins with: the wheel at rest, the full breath. */
const RESTING: readonly ControlRow[] = [[0, WHEEL, 8192], [0, 11, 127]];

export const DRUMS = 9;
export const CHORD = 13;
export const COUNT = 14;
export const CLICK = 15;

const MELODIC = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12];
const CLICK_LENGTH = 0.05;
const HIGH_BLOCK = 76;
const LOW_BLOCK = 77;
const SIDE_STICK = 37;

/** Players come in a little early: such a note belongs to the loop that starts right after it. */
export const EARLY = 0.05;
const ROUNDING = 1e-6;

/** The channels the player needs for itself: a chord that is tried, the count-in, the metronome. */
export const OWN: readonly Channel[] = [
  { channel: CHORD, program: 0, drums: false, volume: 110, pan: 64 },
  { channel: COUNT, program: 0, drums: true, volume: 120, pan: 64 },
  { channel: CLICK, program: 0, drums: true, volume: 110, pan: 64 },
];

function roleOf(role: string): Role {
  return role === "chords" || role === "bass" || role === "drums" ? role : "solo";
}

function clicks(bars: readonly Bar[]): Event[] {
  return bars.flatMap((bar) =>
    bar.beats.map((start, k) => ({
      start,
      end: start + CLICK_LENGTH,
      pitch: k === 0 ? HIGH_BLOCK : LOW_BLOCK,
      velocity: k === 0 ? 112 : 84,
      channel: CLICK,
      role: "click" as const,
    })),
  );
}

/** Return the notes of a part, each with the controls that change until the next one. */
function inflected(part: Part): [NoteRow, ControlRow[]?][] {
  const all = part.controls ?? [];
  if (all.length === 0) return part.notes.map((note) => [note]);
  const notes = [...part.notes].sort((a, b) => a[0] - b[0]);
  let k = 0;
  return notes.map((note, index) => {
    const until = notes[index + 1]?.[0] ?? Infinity;
    const own: ControlRow[] = [...RESTING];
    for (; k < all.length && (all[k] as ControlRow)[0] < until - ROUNDING; k++) {
      const [at, number, value] = all[k] as ControlRow;
      own.push([Math.max(0, at - note[0]), number, value]);
    }
    return [note, own];
  });
}

/** Lay a take's parts on channels; percussion shares the tenth. */
export function band(music: Music): Band {
  const channels: Channel[] = [];
  const events: Event[] = clicks(music.bars);
  let melodic = 0;
  for (const part of music.parts) {
    const channel = part.percussion ? DRUMS : (MELODIC[melodic++ % MELODIC.length] as number);
    const { program, percussion: drums, volume, pan } = part;
    channels.push({ channel, program, drums, volume, pan });
    const rows = inflected(part);
    for (const [[start, end, pitch, velocity], controls] of rows) {
      events.push({ start, end, pitch, velocity, channel, role: roleOf(part.role), ...(controls && { controls }) });
    }
  }
  events.sort((a, b) => a.start - b.start);
  const end = events.reduce((last, event) => Math.max(last, event.end), music.seconds);
  return { events, channels, end };
}

/** Return the index of the first event that starts at or after a time. */
function firstFrom(events: readonly Event[], time: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as Event).start < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the events of a span that start within [from, to) of audio time. */
export function due(events: readonly Event[], span: Span, from: number, to: number): Due[] {
  const found: Due[] = [];
  for (const round of rounds(span, from, to)) {
    const starts = round.index > 0 || span.fresh;
    const low = round.music + Math.max(0, from - round.at) * round.rate - EARLY - ROUNDING;
    const high = Math.min(
      round.music + (to - round.at) * round.rate + ROUNDING,
      round.to === Infinity ? Infinity : round.to - EARLY,
    );
    for (let k = firstFrom(events, low); k < events.length; k++) {
      const event = events[k] as Event;
      if (event.start >= high) break;
      const early = event.start < round.music;
      if (early && !starts) continue;
      const at = early ? round.at : round.at + (event.start - round.music) / round.rate;
      const until = round.at + (Math.min(event.end, round.to) - round.music) / round.rate;
      if (at >= from && at < to && until > at) found.push({ at, until, rate: round.rate, event });
    }
  }
  return found;
}

/** Return the bar that holds a time, or the nearest. */
export function barAt(bars: readonly Bar[], time: number): Bar | undefined {
  return bars.find((bar) => time < bar.end) ?? bars[bars.length - 1];
}

/** Compute the count-in before a place: a whole bar, and the beats of its own bar before it. */
export function countIn(bars: readonly Bar[], place: number): Event[] {
  const bar = barAt(bars, place + ROUNDING);
  if (!bar || bar.beats.length === 0 || bar.place === "count-in") return [];
  const length = bar.end - bar.start;
  const own = bar.beats.filter((beat) => beat < place - EARLY);
  return [...bar.beats.map((beat) => beat - length), ...own].map((start, k) => ({
    start,
    end: start + CLICK_LENGTH,
    pitch: SIDE_STICK,
    velocity: k % bar.beats.length === 0 ? 120 : 92,
    channel: COUNT,
    role: "click" as const,
  }));
}

/** Return the place within a bar as beats from its start. */
function beatOf(bar: Bar, time: number): number {
  const edges = [...bar.beats, bar.end];
  for (let k = 0; k < bar.beats.length; k++) {
    const [low, high] = [edges[k] as number, edges[k + 1] as number];
    if (time < high) return k + Math.max(0, time - low) / (high - low);
  }
  return bar.beats.length;
}

function timeOf(bar: Bar, beat: number): number {
  const edges = [...bar.beats, bar.end];
  const k = Math.min(Math.floor(beat), bar.beats.length - 1);
  if (k < 0) return bar.start;
  const [low, high] = [edges[k] as number, edges[k + 1] as number];
  return Math.min(bar.end, low + (beat - k) * (high - low));
}

/** Return the bar of another take that stands for one of this: same form and chorus, same place, or none. */
function counterpart(mine: Music, bar: Bar, other: Music): Bar | undefined {
  if (bar.form !== null) {
    const same = other.bars.filter((one) => one.form === bar.form && one.place === bar.place);
    if (same.length > 0) return same.find((one) => one.chorus === bar.chorus) ?? same[same.length - 1];
  }
  const index = mine.bars.filter((one) => one.place === bar.place).indexOf(bar);
  return other.bars.filter((one) => one.place === bar.place && one.form === bar.form)[index];
}

/** Compute where another take is at the beat at which this one is now. */
export function sameBeat(mine: Music, time: number, other: Music): number {
  const bar = barAt(mine.bars, time);
  const twin = bar && counterpart(mine, bar, other);
  if (!bar || !twin) return mine.seconds > 0 ? (time / mine.seconds) * other.seconds : 0;
  return timeOf(twin, beatOf(bar, time));
}

export function sameLoop(mine: Music, loop: Loop, other: Music): Loop | null {
  const from = sameBeat(mine, loop.from, other);
  const last = sameBeat(mine, loop.to - ROUNDING, other);
  return last > from ? { from, to: last } : null;
}
