import type { Signal } from "@preact/signals";

export type Role = "solo" | "chords" | "bass" | "drums" | "click";

export type State = "unloaded" | "loading" | "ready" | "playing" | "paused" | "failed";

/** Start and end in seconds, pitch, velocity. */
export type NoteRow = readonly [number, number, number, number];

/** Seconds, controller (-1 for the pitch wheel) and value. */
export type ControlRow = readonly [number, number, number];

export interface Part {
  readonly role: string;
  readonly program: number;
  readonly percussion: boolean;
  readonly volume: number;
  readonly pan: number;
  readonly notes: readonly NoteRow[];
  readonly controls?: readonly ControlRow[];
}

export interface Bar {
  readonly start: number;
  readonly end: number;
  readonly beats: readonly number[];
  readonly place: string;
  readonly chorus: number | null;
  readonly form: number | null;
}

/** What the player reads of a take's music; a whole take's music fits. */
export interface Music {
  readonly seconds: number;
  readonly bars: readonly Bar[];
  readonly parts: readonly Part[];
}

/** A stretch of music, in music seconds, played round and round. */
export interface Loop {
  readonly from: number;
  readonly to: number;
}

/** A note that was scheduled; `at` is in seconds of the audio clock. */
export interface Voice {
  readonly role: Role;
  readonly pitch: number;
  readonly at: number;
}

/** An instrument connected to this machine. */
export interface Output {
  readonly id: string;
  readonly name: string;
}

export interface Player {
  readonly state: Signal<State>;
  readonly error: Signal<string>;
  readonly speed: Signal<number>;
  readonly faster: Signal<number>;
  readonly loop: Signal<Loop | null>;
  readonly muted: Signal<ReadonlySet<Role>>;
  readonly countIn: Signal<boolean>;
  /** The MIDI instrument that plays; null for the synthesiser. */
  readonly midiOut: Signal<string | null>;
  load(music: Music, keepBeat?: boolean): void;
  play(from?: number): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  position(): number;
  chord(pitches: readonly number[]): void;
  /** The MIDI instruments there are; rejects with a sentence where the browser has none. */
  midiOutputs(): Promise<readonly Output[]>;
  analyser(): AnalyserNode | null;
  voices(): readonly Voice[];
}

/** Where the player's files are, as the server names them. */
export interface Files {
  /** The audio worklet, `synth.worklet.<hash>.js`. */
  readonly worklet: string;
  /** The worker that keeps time in a background tab, `timer.<hash>.js`. */
  readonly timer: string;
  /** The soundfont of `/api/about`; null where the server has none. */
  readonly soundfont: string | null;
  /** A context of one's own, in tests. */
  readonly context?: AudioContext;
}
