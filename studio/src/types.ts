// The values that the server and the page exchange.

export type Kind = "chord" | "scale" | "approach" | "outside" | "none";

/** Start and end in seconds, MIDI pitch, velocity. */
export type PlayedNote = [number, number, number, number];

export interface Part {
  name: string;
  role: string;
  program: number;
  percussion: boolean;
  volume: number;
  pan: number;
  notes: PlayedNote[];
}

export interface MusicBar {
  start: number;
  end: number;
  beats: number[];
  place: "pickup" | "count-in" | "intro" | "head" | "solo" | "fours" | "ending";
  chorus: number | null;
  /** Index of the bar within one chorus. */
  form: number | null;
  /** Index of the bar within the engraved solo. */
  written: number | null;
  section: string;
}

export interface MusicChord {
  symbol: string;
  start: number;
  end: number;
  bar: number;
  /** Its number in the engraved solo; null where it is not in it. */
  n: number | null;
  pitches: number[];
}

export interface SoloNote {
  n: number;
  tick: number;
  duration: number;
  start: number;
  end: number;
  pitch: number;
  velocity: number;
  part_note: number;
  kind: Kind;
  chord: string;
  bar: number;
  name: string;
}

export interface Statistic {
  name: string;
  value: number | null;
  players: number | null;
  unit: string;
  /** Digits after the point that mean something. */
  digits?: number;
}

export interface Music {
  title: string;
  composer: string;
  key: string;
  style: string;
  tempo: number;
  meter: string;
  instrument: string;
  player: string | null;
  seed: number;
  choruses: number;
  file: string;
  seconds: number;
  tempos: [number, number][];
  bars: MusicBar[];
  chords: MusicChord[];
  parts: Part[];
  solo: SoloNote[];
  novelty: { sentence: string; longest: number };
  statistics: Statistic[];
}

/** A lead sheet as it stands in a request; what the page does not know is kept. */
export interface Sheet {
  title?: string;
  composer?: string;
  key?: string;
  tempo?: number;
  style?: string;
  changes: string;
  [more: string]: unknown;
}

export interface Tune {
  name?: string;
  text?: string;
  data?: string;
  title?: string;
  sheet?: Sheet;
}

export interface Arrangement {
  count_in: boolean;
  intro: boolean;
  head: boolean;
  fours: boolean;
  ending: boolean;
}

export type Control = number | boolean;

/** A request to play, as JSON; defaults are left out. */
export interface PlayRequest {
  schema: number;
  kind: string;
  version?: string;
  fingerprint?: string;
  model?: string;
  changes?: Tune;
  style?: string | null;
  instrument?: string;
  player?: string | null;
  tempo?: number | null;
  key?: string | null;
  choruses?: number | null;
  swing?: number | null;
  expression?: number | null;
  seed?: number | null;
  arrangement?: Partial<Arrangement>;
  controls?: Record<string, Control>;
  [more: string]: unknown;
}

export interface Take {
  id: string;
  created: string;
  name: string;
  note: string;
  starred: boolean;
  parent: string | null;
  remark: string;
  request: PlayRequest;
  music: Music;
}

/** x, width and height, each from 0 to 1 or in the units of the server's cover, and the kind. */
export type CoverNote = [number, number, number, string];

export interface TakeSummary {
  id: string;
  created: string;
  name: string;
  note: string;
  starred: boolean;
  parent: string | null;
  title: string;
  tempo: number;
  seed: number;
  instrument: string;
  cover: CoverNote[];
}

export interface Problem {
  message: string;
  bar?: number | null;
  beat?: number | null;
  start?: number | null;
  end?: number | null;
  symbol?: string | null;
  nearest?: string[];
}

export interface ChartChord {
  symbol: string;
  beat: number;
  start: number;
  end: number;
  pitches: number[];
}

export interface ChartBar {
  section: string;
  meter: string;
  chords: ChartChord[];
  repeat?: boolean;
}

export interface Chart {
  title: string;
  composer: string;
  key: string | null;
  tempo: number | null;
  style: string | null;
  meter: string;
  choruses_default?: number;
  text: string;
  sheet: Sheet | null;
  bars: ChartBar[];
  notices: string[];
  problems: Problem[];
}

export interface TuneChoice {
  title: string;
  composer?: string;
}

/** What opening a file gives: a chart, or the tunes in it to choose from. */
export type Opened = Chart | { tunes: TuneChoice[] };

export interface SongbookTune {
  name: string;
  title: string;
  composer: string;
  key: string;
  bars: number;
  style: string;
  tempo: number;
}

export interface Choice {
  name: string;
  label: string;
  detail?: string;
}

export interface Knob {
  name: string;
  label: string;
  help: string;
  low: number;
  high: number | null;
  default: Control | null;
  unit: string;
  group: string;
}

export interface About {
  version: string;
  sound: { soundfont: string | null; mp3: boolean };
  pages: { pdf: boolean };
  model: boolean;
  fingerprint?: string;
  sentences: Record<string, string>;
}

export type Role = "solo" | "chords" | "bass" | "drums" | "click";

/** Takes, the newest first, and whether there are older ones. */
export interface TakeList {
  takes: TakeSummary[];
  more: boolean;
}
