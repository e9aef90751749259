// The synthesiser in the audio thread: notes start and end at their frame, can be taken back, fade without a click.
import { SoundBankLoader, SpessaSynthProcessor } from "spessasynth_core";
import { CONTROL_FIELDS, NOTE_FIELDS, PROCESSOR, type FromSynth, type ToSynth } from "./messages";
import { Queue } from "./queue";
import { WHEEL, type Channel } from "./scheduler";

declare const currentFrame: number;
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;

const CHANNELS = 16;
const VOLUME = 7;
const PAN = 10;
/** Frames of a fade to silence: 8 ms at 48 kHz. */
const FADE = 384;
/** A note that comes later than this, in seconds, is left out. */
const TOO_LATE = 0.1;
/** The shortest stretch, in frames, that is rendered at once. */
const GRAIN = 16;

class Fader {
  gain = 1;
  /** Frame at which the fade begins. */
  from = Infinity;
}

class Synth extends AudioWorkletProcessor {
  private readonly synth = new SpessaSynthProcessor(sampleRate, {
    eventsEnabled: false,
    initialTime: currentFrame / sampleRate,
  });
  private readonly queue = new Queue();
  private readonly faders = Array.from({ length: CHANNELS }, () => new Fader());
  private dry: Float32Array[][] = [];
  private hasFont = false;
  private channels: readonly Channel[] = [];

  constructor() {
    super();
    this.port.onmessage = (message: MessageEvent<ToSynth>) => this.receive(message.data);
  }

  private receive(message: ToSynth): void {
    if (message.type === "font") this.read(message.data);
    else if (message.type === "channels") this.lay(message.channels);
    else if (message.type === "notes") this.enqueue(message.notes, message.controls);
    else if (message.type === "drop") {
      this.queue.drop(this.frameOf(message.from), message.stretch, new Set(message.channels));
    } else this.silence(this.frameOf(message.from), message.channels);
  }

  private frameOf(time: number): number {
    return Math.max(currentFrame, Math.round(time * sampleRate));
  }

  /** Fade channels from a frame on; one that fades already, or is about to, keeps its earlier frame. */
  private silence(from: number, channels: readonly number[]): void {
    for (const channel of channels) {
      const fader = this.faders[channel] as Fader;
      fader.from = Math.min(fader.from, from);
      this.queue.drop(fader.from, 1, new Set([channel]));
    }
  }

  private read(data: ArrayBuffer): void {
    let answer: FromSynth = { type: "ready" };
    try {
      this.synth.soundBankManager.addSoundBank(SoundBankLoader.fromArrayBuffer(data), "main");
      this.hasFont = true;
      this.lay(this.channels);
    } catch (error) {
      answer = { type: "unreadable", reason: error instanceof Error ? error.message : String(error) };
    }
    this.port.postMessage(answer);
  }

  private lay(channels: readonly Channel[]): void {
    this.channels = channels;
    if (!this.hasFont) return;
    for (const { channel, program, drums, volume, pan } of channels) {
      const one = this.synth.midiChannels[channel];
      if (one && one.drumChannel !== drums) one.setDrums(drums);
      this.synth.programChange(channel, program);
      this.synth.controllerChange(channel, VOLUME, volume);
      this.synth.controllerChange(channel, PAN, pan);
    }
  }

  private enqueue(notes: Float64Array, controls: Float64Array = new Float64Array()): void {
    const now = currentFrame / sampleRate;
    for (let k = 0, note = NaN; k + CONTROL_FIELDS <= controls.length; k += CONTROL_FIELDS) {
      const [at, start, channel] = [controls[k] as number, controls[k + 1] as number, controls[k + 2] as number];
      const [control, velocity] = [controls[k + 3] as number, controls[k + 4] as number];
      const began = this.frameOf(start);
      if (start !== note) this.queue.forget(began, channel);
      note = start;
      this.queue.add({ frame: this.frameOf(at), on: false, channel, pitch: 0, velocity, control, began });
    }
    for (let k = 0; k + NOTE_FIELDS <= notes.length; k += NOTE_FIELDS) {
      const [at, until, channel] = [notes[k] as number, notes[k + 1] as number, notes[k + 2] as number];
      const [pitch, velocity] = [notes[k + 3] as number, notes[k + 4] as number];
      if (at < now - TOO_LATE || until <= now) continue;
      const began = this.frameOf(at);
      const ends = Math.max(began + 1, Math.round(until * sampleRate));
      this.queue.add({ frame: began, on: true, channel, pitch, velocity, began });
      this.queue.add({ frame: ends, on: false, channel, pitch, velocity: 0, began });
    }
  }

  private perform(frame: number): void {
    for (let one = this.queue.take(frame); one; one = this.queue.take(frame)) {
      if (one.control === WHEEL) this.synth.pitchWheel(one.channel, one.velocity);
      else if (one.control !== undefined) this.synth.controllerChange(one.channel, one.control as 11, one.velocity);
      else if (one.on) this.synth.noteOn(one.channel, one.pitch, one.velocity);
      else this.synth.noteOff(one.channel, one.pitch);
    }
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, right] = outputs[0] as [Float32Array, Float32Array];
    const size = left.length;
    if (this.dry[0]?.[0]?.length !== size) {
      this.dry = Array.from({ length: CHANNELS }, () => [new Float32Array(size), new Float32Array(size)]);
    }
    for (const [l, r] of this.dry as [Float32Array, Float32Array][]) {
      l.fill(0);
      r.fill(0);
    }
    for (let start = 0; start < size; ) {
      const frame = currentFrame + start;
      this.perform(frame);
      const next = Math.max(GRAIN, this.queue.next() - frame);
      const length = size - start - next < GRAIN ? size - start : next;
      this.synth.processSplit(this.dry, left, right, start, length);
      start += length;
    }
    for (let channel = 0; channel < CHANNELS; channel++) this.mix(channel, left, right);
    return true;
  }

  /** Add one channel to the output; at the end of a fade its voices stop. */
  private mix(channel: number, left: Float32Array, right: Float32Array): void {
    const fader = this.faders[channel] as Fader;
    const [l, r] = this.dry[channel] as [Float32Array, Float32Array];
    const fades = fader.from < currentFrame + left.length;
    for (let k = 0; k < left.length; k++) {
      if (fades && currentFrame + k >= fader.from) fader.gain = Math.max(0, fader.gain - 1 / FADE);
      left[k] = (left[k] as number) + (l[k] as number) * fader.gain;
      right[k] = (right[k] as number) + (r[k] as number) * fader.gain;
    }
    if (fades && fader.gain === 0) {
      this.synth.midiChannels[channel]?.stopAllNotes(true);
      fader.gain = 1;
      fader.from = Infinity;
    }
  }
}

registerProcessor(PROCESSOR, Synth);
