// The player: signals in, sound out, one clock (`AudioContext.currentTime`).
import { signal, untracked } from "@preact/signals";
import { clampRate, heard, type Heard, type Span } from "./clock";
import {
  band, CHORD, countIn, due, OWN, sameBeat, sameLoop, type Band, type Due, type Event,
} from "./scheduler";
import { openOutput, outputs, type MidiOut } from "./midi";
import { makeContext, SoundError, Synth, type Instrument } from "./synth";
import type { Files, Loop, Music, Output, Player, Role, State, Voice } from "./types";

/** Seconds between a press and the first sound, on the audio clock. */
const LEAD = 0.03;
/** Seconds before a new start at which the old sound fades. */
const FADE = 0.012;
/** How far ahead notes are handed over, in seconds; further where timers are slow. */
const AHEAD = 0.2;
const AHEAD_HIDDEN = 1.5;
/** A context that sounds nothing is suspended after so many seconds. */
const IDLE = 30;
const RESUME_WITHIN = 3;
const CHORD_LENGTH = 1.6;
const CHORD_VELOCITY = 84;
const REMEMBERED = 1024;

const ALL = Array.from({ length: 16 }, (_, channel) => channel);
const PLAYING = ALL.filter((channel) => channel !== CHORD);

const NOTHING: Music = { seconds: 0, bars: [], parts: [] };

class Playing implements Player {
  readonly state = signal<State>("unloaded");
  readonly error = signal("");
  readonly speed = signal(1);
  readonly faster = signal(0);
  readonly loop = signal<Loop | null>(null);
  readonly muted = signal<ReadonlySet<Role>>(new Set<Role>(["click"]));
  readonly countIn = signal(false);
  readonly midiOut = signal<string | null>(null);

  private music = NOTHING;
  private band: Band = band(NOTHING);
  private context: AudioContext | null = null;
  private synth: Synth | null = null;
  private midi: MidiOut | null = null;
  private preparing: Promise<boolean> | null = null;
  private tap: AnalyserNode | null = null;
  private clock: Clockwork;
  /** Latest last; empty where nothing plays. */
  private spans: Span[] = [];
  /** Place where playing goes on, in music seconds. */
  private rest = 0;
  /** Audio time up to which notes were handed over. */
  private horizon = 0;
  private lately: Voice[] = [];
  /** The speed as the loop last made it, to tell it from one that was chosen. */
  private grown = NaN;
  /** Grows with each press, so that a slow one knows that another came. */
  private press = 0;
  private heardMuted: ReadonlySet<Role> = this.muted.peek();
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly files: Files) {
    this.clock = new Clockwork(files.timer, () => this.tick());
    onChange(this.speed, () => this.respan());
    onChange(this.faster, () => this.respan());
    onChange(this.loop, (loop) => this.changeLoop(loop));
    onChange(this.muted, (muted) => this.changeMutes(muted));
    onChange(this.midiOut, (id) => void this.changeOutput(id));
  }

  private get instrument(): Instrument | null {
    return this.midi ?? this.synth;
  }

  load(music: Music, keepBeat = false): void {
    const playing = this.spans.length > 0;
    const place = keepBeat ? sameBeat(this.music, this.startPlace(), music) : 0;
    const loop = keepBeat && this.loop.peek() ? sameLoop(this.music, this.loop.peek() as Loop, music) : null;
    if (playing && !keepBeat) this.pause();
    this.music = music;
    this.band = band(music);
    this.instrument?.lay([...this.band.channels, ...OWN]);
    this.rest = Math.min(place, this.band.end);
    if (playing && keepBeat) this.start(this.rest, { loop, counted: false });
    this.loop.value = loop;
    if (!playing && !keepBeat && this.instrument) this.state.value = "ready";
    void this.prepare();
  }

  async play(from?: number): Promise<void> {
    const press = ++this.press;
    if (from === undefined && this.spans.length > 0) {
      // The system may have stopped the context under what plays.
      await this.wake();
      return;
    }
    if (from !== undefined) this.rest = from;
    if (!(await this.wake()) || press !== this.press) return;
    const loop = this.loop.peek();
    const outside = loop !== null && (this.rest < loop.from || this.rest >= loop.to);
    if (from === undefined && outside) this.rest = loop.from;
    this.start(this.rest, { loop, counted: this.countIn.peek() && this.spans.length === 0 });
  }

  pause(): void {
    this.press++;
    if (this.spans.length === 0) return;
    this.rest = this.position();
    this.halt("paused");
    this.instrument?.silence(0, PLAYING);
  }

  seek(seconds: number): void {
    const place = Math.min(Math.max(0, seconds), this.band.end);
    this.rest = place;
    if (this.spans.length > 0) this.start(place, { loop: this.loop.peek(), counted: false });
  }

  position(): number {
    return this.hearing()?.music ?? this.rest;
  }

  chord(pitches: readonly number[]): void {
    void this.wake().then((awake) => {
      if (!awake || !this.instrument || !this.context) return;
      const at = this.context.currentTime + LEAD;
      this.instrument.silence(at - FADE, [CHORD]);
      const events = pitches.map((pitch) => ({
        start: 0, end: CHORD_LENGTH, pitch, velocity: CHORD_VELOCITY, channel: CHORD, role: "chords" as const,
      }));
      this.hand(events.map((event) => ({ at, until: at + CHORD_LENGTH, rate: 1, event })));
      setTimeout(() => this.instrument?.tick(), CHORD_LENGTH * 1000);
      if (this.spans.length === 0) this.rested();
    });
  }

  analyser(): AnalyserNode | null {
    if (!this.tap && this.synth) {
      this.tap = new AnalyserNode(this.synth.context, { fftSize: 8192, smoothingTimeConstant: 0 });
      this.synth.output.connect(this.tap);
    }
    return this.tap;
  }

  midiOutputs(): Promise<readonly Output[]> {
    return outputs();
  }

  voices(): readonly Voice[] {
    return this.lately;
  }

  /** Fetch and start the synthesiser, once; return whether it is there. */
  private prepare(): Promise<boolean> {
    this.preparing ??= this.setUp().catch((error: unknown) => {
      this.fail(error instanceof SoundError ? error.message : `The page cannot sound: ${String(error)}.`);
      return false;
    });
    return this.preparing;
  }

  private async setUp(): Promise<boolean> {
    this.state.value = "loading";
    this.error.value = "";
    this.context ??= this.files.context ?? makeContext();
    const synth = new Synth(this.context);
    await synth.prepare(this.files);
    synth.onDeath(() => this.fail("The synthesiser stopped with an error; press play to start it again."));
    synth.lay([...this.band.channels, ...OWN]);
    this.synth = synth;
    this.state.value = "ready";
    return true;
  }

  private fail(sentence: string): void {
    this.halt("failed");
    this.error.value = sentence;
    this.synth?.close();
    this.synth = null;
    this.tap = null;
    this.preparing = null;
  }

  /** Have the synthesiser there and the context running; called in a press. */
  private async wake(): Promise<boolean> {
    clearTimeout(this.idle);
    const ready = this.midi ? Promise.resolve(true) : this.prepare();
    // Within the press itself: some browsers allow it only there.
    const running = this.context?.resume();
    if (!(await ready) || !this.context) return false;
    if (this.context.state !== "running") {
      await Promise.race([running ?? this.context.resume(), after(RESUME_WITHIN)]);
      if ((this.context.state as string) !== "running") {
        this.error.value = "The browser does not let the page sound yet; press play again.";
        return false;
      }
    }
    this.error.value = "";
    return true;
  }

  private start(place: number, { loop, counted }: { loop: Loop | null; counted: boolean }): void {
    if (!this.instrument || !this.context) return;
    const rate = clampRate(this.speed.peek());
    const soon = this.context.currentTime + LEAD;
    const clicks = counted ? countIn(this.music.bars, place) : [];
    const at = clicks[0] ? soon + (place - clicks[0].start) / rate : soon;
    this.take(soon - FADE);
    this.instrument.silence(soon - FADE, PLAYING);
    this.hand(clicks.map((event) => dueBefore(event, at, place, rate)));
    this.spans = [{ at, music: place, rate, loop, faster: this.faster.peek(), fresh: true }];
    this.horizon = at;
    this.state.value = "playing";
    this.clock.run(true);
    this.tick();
  }

  private halt(state: State): void {
    this.spans = [];
    this.take(this.context?.currentTime ?? 0);
    this.clock.run(false);
    this.state.value = state;
    this.rested();
  }

  /** Let the context sleep, unless something is played soon. */
  private rested(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      if (this.spans.length === 0) void this.context?.suspend();
    }, IDLE * 1000);
  }

  /** Hand over the notes that start soon; follow the loop's speed; stop at the end. */
  private tick(): void {
    const span = this.spans[this.spans.length - 1];
    if (!span || !this.context) return;
    const now = this.context.currentTime;
    const until = now + (document.hidden ? AHEAD_HIDDEN : AHEAD);
    if (until > this.horizon) {
      this.hand(this.unmuted(due(this.band.events, span, this.horizon, until)));
      this.horizon = until;
    }
    this.instrument?.tick();
    this.spans = this.spans.filter((_, k) => (this.spans[k + 1]?.at ?? Infinity) > now - 1);
    const hearing = this.hearing();
    if (!hearing) return;
    if (this.spans.length === 1 && hearing.round > 0) this.speed.value = this.grown = hearing.rate;
    if (hearing.music >= this.band.end) {
      this.rest = 0;
      this.halt("ready");
    }
  }

  private unmuted(found: readonly Due[]): Due[] {
    const muted = this.muted.peek();
    return found.filter(({ event }) => !muted.has(event.role));
  }

  private hand(found: readonly Due[]): void {
    this.instrument?.notes(found);
    for (const { at, event } of found) this.lately.push({ role: event.role, pitch: event.pitch, at });
    this.lately = this.lately.slice(-REMEMBERED);
  }

  /** Forget the voices that were taken back. */
  private take(from: number, roles?: ReadonlySet<Role>): void {
    this.lately = this.lately.filter(({ at, role }) => at < from || (roles && !roles.has(role)));
  }

  /** What is heard now, past the output's latency; null where nothing plays. */
  private hearing(): Heard | null {
    const context = this.context;
    const first = this.spans[0];
    if (!context || !first) return null;
    const time = context.currentTime - (context.outputLatency || context.baseLatency || 0);
    let span = first;
    for (const one of this.spans) if (one.at <= time) span = one;
    return heard(span, time);
  }

  /** Where playing would go on from the next start. */
  private startPlace(): number {
    const span = this.spans[this.spans.length - 1];
    return span && this.context ? heard(span, this.context.currentTime + LEAD).music : this.rest;
  }

  /** Go on at the same place with another speed or loop, without a gap. */
  private respan(): void {
    const span = this.spans[this.spans.length - 1];
    if (!span || !this.instrument || !this.context) return;
    const at = Math.max(span.at, this.context.currentTime + LEAD);
    const before = heard(span, at);
    const rate = this.speed.peek() === this.grown ? before.rate : clampRate(this.speed.peek());
    const [loop, faster] = [this.loop.peek(), this.faster.peek()];
    if (rate === before.rate && loop === span.loop && faster === span.faster) return;
    if (this.horizon < at) {
      this.hand(this.unmuted(due(this.band.events, span, this.horizon, at)));
    }
    this.take(at);
    this.instrument.drop(at, before.rate / rate, PLAYING);
    const waiting = at === span.at && span.fresh;
    if (waiting) this.spans.pop();
    this.spans.push({ at, music: before.music, rate, loop, faster, fresh: waiting });
    this.horizon = at;
    this.tick();
  }

  private changeLoop(loop: Loop | null): void {
    const span = this.spans[this.spans.length - 1];
    if (!span || span.loop === loop) return;
    const place = this.startPlace();
    if (loop && (place < loop.from || place >= loop.to)) this.start(loop.from, { loop, counted: false });
    else this.respan();
  }

  private changeMutes(muted: ReadonlySet<Role>): void {
    const before = this.heardMuted;
    this.heardMuted = muted;
    const span = this.spans[this.spans.length - 1];
    if (!span || !this.instrument || !this.context) return;
    const gone = new Set([...muted].filter((role) => !before.has(role)));
    const back = new Set([...before].filter((role) => !muted.has(role)));
    const now = this.context.currentTime;
    this.take(now, gone);
    if (gone.size > 0) this.instrument.silence(0, this.channelsOf(gone));
    const soon = Math.max(now + LEAD, span.at);
    if (back.size > 0 && soon < this.horizon) {
      this.hand(due(this.band.events, span, soon, this.horizon).filter(({ event }) => back.has(event.role)));
    }
  }

  /** Go on with another instrument, at the same place. */
  private async changeOutput(id: string | null): Promise<void> {
    let chosen: MidiOut | null = null;
    try {
      this.context ??= this.files.context ?? makeContext();
      if (id !== null) {
        chosen = await openOutput(id, this.context, () => {
          if (this.midiOut.peek() !== id) return;
          this.midiOut.value = null;
          this.error.value = "The MIDI instrument was disconnected, so that it sounds here; connect it and choose it again.";
        });
        this.error.value = "";
      }
    } catch (error) {
      this.error.value = error instanceof SoundError ? error.message : `The instrument cannot be played: ${String(error)}.`;
      if (this.midiOut.peek() === id) this.midiOut.value = null;
      return;
    }
    if (this.midiOut.peek() !== id) return;
    const place = this.startPlace();
    this.instrument?.silence(0, ALL);
    this.midi?.close();
    this.midi = chosen;
    this.instrument?.lay([...this.band.channels, ...OWN]);
    if (this.spans.length > 0) this.start(place, { loop: this.loop.peek(), counted: false });
    else if (chosen && this.state.peek() === "failed") this.state.value = "ready";
  }

  private channelsOf(roles: ReadonlySet<Role>): number[] {
    const found = new Set<number>();
    for (const event of this.band.events) if (roles.has(event.role)) found.add(event.channel);
    return [...found];
  }
}

/** Return a count-in's click with its time before a start. */
function dueBefore(event: Event, start: number, place: number, rate: number): Due {
  const at = start - (place - event.start) / rate;
  return { at, until: at + event.end - event.start, rate, event };
}

/** Call back at each change of a signal, not at first. */
function onChange<T>(of: { subscribe(tell: (value: T) => void): void }, tell: (value: T) => void): void {
  let first = true;
  of.subscribe((value) => {
    if (first) first = false;
    else untracked(() => tell(value));
  });
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** A timer that ticks in background tabs too; the page's own where a worker is refused. */
class Clockwork {
  private worker: Worker | null = null;
  private own: ReturnType<typeof setInterval> | undefined;

  constructor(url: string, private readonly tick: () => void) {
    try {
      this.worker = new Worker(url);
      this.worker.onmessage = tick;
      this.worker.onerror = () => {
        this.worker = null;
      };
    } catch {
      this.worker = null;
    }
  }

  run(on: boolean): void {
    this.worker?.postMessage(on);
    clearInterval(this.own);
    // Slow, and enough: it only stands in where the worker fails, since handing over twice does nothing.
    this.own = on ? setInterval(this.tick, 100) : undefined;
  }
}

export function createPlayer(files: Files): Player {
  return new Playing(files);
}
