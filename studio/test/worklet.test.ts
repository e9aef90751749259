// The worklet itself, block by block, without a browser: its sound is exact to the frame.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { BasicSoundBank } from "spessasynth_core";
import type { FromSynth, ToSynth } from "../src/player/messages";

const RATE = 48_000;
const BLOCK = 128;

interface Processor {
  readonly port: { onmessage: (message: { data: ToSynth }) => void; postMessage: (message: FromSynth) => void };
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

let make: new () => Processor;

before(async () => {
  class AudioWorkletProcessor {
    readonly port = {};
  }
  Object.assign(globalThis, {
    sampleRate: RATE,
    currentFrame: 0,
    AudioWorkletProcessor,
    registerProcessor: (_: string, processor: new () => Processor) => (make = processor),
  });
  await import("../src/player/synth.worklet");
});

/** A worklet with the library's own small soundfont, a square wave on every key. */
class Rig {
  readonly processor: Processor;
  readonly said: FromSynth[] = [];
  readonly out: number[] = [];

  constructor() {
    Object.assign(globalThis, { currentFrame: 0 });
    this.processor = new make();
    this.processor.port.postMessage = (message) => this.said.push(message);
    this.send({ type: "channels", channels: [0, 1].map((channel) => ({ channel, program: 0, drums: false, volume: 100, pan: 64 })) });
  }

  async font(): Promise<this> {
    this.send({ type: "font", data: await BasicSoundBank.getSampleSoundBankFile() });
    return this;
  }

  send(message: ToSynth): void {
    Object.assign(globalThis, { currentFrame: this.out.length });
    this.processor.port.onmessage({ data: message });
  }

  note(at: number, until: number, channel = 0, pitch = 69): void {
    this.send({ type: "notes", notes: Float64Array.of(at, until, channel, pitch, 100) });
  }

  /** Render up to a time. */
  to(seconds: number): this {
    while (this.out.length < seconds * RATE) {
      Object.assign(globalThis, { currentFrame: this.out.length });
      const [left, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
      this.processor.process([], [[left, right]]);
      this.out.push(...left);
    }
    return this;
  }

  peak(from: number, to: number): number {
    return this.out.slice(Math.round(from * RATE), Math.round(to * RATE)).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  }

  onset(): number {
    return this.out.findIndex((x) => Math.abs(x) > 1e-4) / RATE;
  }
}

const rig = () => new Rig().font();

test("a soundfont is answered, and what is none too", async () => {
  assert.deepEqual((await rig()).said, [{ type: "ready" }]);
  const other = new Rig();
  other.send({ type: "font", data: new Uint8Array(64).buffer });
  assert.equal(other.said[0]?.type, "unreadable");
});

test("a note starts within 16 frames of its time, wherever in a block", async () => {
  const late: number[] = [];
  for (const at of [0.1, 0.10037, 0.2513, 0.33331]) {
    const one = await rig();
    one.note(at, at + 0.1);
    late.push((one.to(0.5).onset() - at) * RATE);
  }
  assert.ok(Math.min(...late) > -1 && Math.max(...late) < 17, late.join());
});

test("what is taken back is never heard", async () => {
  const one = await rig();
  one.note(0.2, 0.4);
  one.note(0.2, 0.4, 1);
  one.to(0.1).send({ type: "drop", from: 0.15, stretch: 1, channels: [0, 1] });
  assert.equal(one.to(0.5).peak(0, 0.5), 0);
});

test("silence fades within ten milliseconds and without a step", async () => {
  const one = await rig();
  one.note(0.05, 2);
  one.to(0.3).send({ type: "silence", from: 0.3, channels: [0] });
  one.to(0.6);
  const before = one.peak(0.2, 0.3);
  assert.ok(before > 0.01);
  assert.ok(one.peak(0.312, 0.32) < before / 5);
  const steepest = (from: number, to: number) => {
    const part = one.out.slice(Math.round(from * RATE), Math.round(to * RATE));
    return part.reduce((most, x, k) => (k ? Math.max(most, Math.abs(x - (part[k - 1] ?? 0))) : 0), 0);
  };
  assert.ok(steepest(0.3, 0.35) <= steepest(0.2, 0.3) * 1.01);
});

test("a second silence before the first leaves nothing hanging", async () => {
  const one = await rig();
  one.note(0.05, 9);
  one.to(0.1).send({ type: "silence", from: 0.12, channels: [0] });
  one.note(0.13, 9, 0, 72);
  one.to(0.11).send({ type: "silence", from: 0.14, channels: [0] });
  one.to(2);
  assert.ok(one.peak(1.5, 2) < 1e-3);
});

test("after a silence the channel sounds again at its strength", async () => {
  const one = await rig();
  one.note(0.05, 0.15);
  one.to(0.2).send({ type: "silence", from: 0.2, channels: [0] });
  one.note(0.25, 0.35);
  one.to(0.4);
  assert.ok(Math.abs(one.peak(0.25, 0.35) / one.peak(0.05, 0.15) - 1) < 0.2);
});

test("a note that comes much too late is left out, one a little late sounds at once", async () => {
  const late = await rig();
  late.to(0.3).note(0.05, 0.6);
  assert.equal(late.to(0.5).peak(0, 0.5), 0);
  const nearly = await rig();
  nearly.to(0.3).note(0.28, 0.6);
  assert.ok(nearly.to(0.5).peak(0.3, 0.31) > 0);
});

test("the wheel bends a note, and the breath makes it softer", async () => {
  const crossings = (one: Rig) => {
    const part = one.out.slice(Math.round(0.2 * RATE), Math.round(0.4 * RATE));
    return part.reduce((many, x, k) => many + Number(k > 0 && (part[k - 1] ?? 0) < 0 && x >= 0), 0);
  };
  const [plain, bent] = [await rig(), await rig()];
  plain.note(0.1, 0.5);
  const controls = Float64Array.of(0.1, 0.1, 0, -1, 0, 0.1, 0.1, 0, 11, 40);
  bent.send({ type: "notes", notes: Float64Array.of(0.1, 0.5, 0, 69, 100), controls });
  const lower = crossings(bent.to(0.5)) / crossings(plain.to(0.5));
  assert.ok(Math.abs(lower - 2 ** (-2 / 12)) < 0.03, String(lower));
  assert.ok(bent.peak(0.2, 0.4) < plain.peak(0.2, 0.4) / 2);
});
