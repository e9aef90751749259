// A MIDI instrument in place of the synthesiser (Web MIDI).
import { Queue } from "./queue";
import { COUNT, DRUMS, WHEEL, type Channel, type Due } from "./scheduler";
import { SoundError, type Instrument } from "./synth";
import type { Output } from "./types";

/** Seconds ahead at which a note leaves the page; what has left cannot be taken back. */
const AHEAD = 0.08;
const MICRO = 1e6;
const CHANNELS = 16;
const PITCHES = 128;
const [NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, BEND] = [0x80, 0x90, 0xb0, 0xc0, 0xe0];
const [VOLUME, PAN, ALL_OFF] = [7, 10, 123];

let access: Promise<MIDIAccess> | null = null;

function open(): Promise<MIDIAccess> {
  if (!navigator.requestMIDIAccess) {
    throw new SoundError("This browser has no Web MIDI; open the page in Chrome, Edge or Firefox to play an instrument.");
  }
  access ??= navigator.requestMIDIAccess().catch(() => {
    access = null;
    throw new SoundError("The browser gives no access to MIDI; allow it for this page in the browser's settings.");
  });
  return access;
}

/** Return the instruments there are; the browser may ask the reader first. */
export async function outputs(): Promise<Output[]> {
  const found = [...(await open()).outputs.values()];
  return found.map(({ id, name }) => ({ id, name: name ?? id }));
}

/** Open an instrument; `lost` is called when it is disconnected. */
export async function openOutput(id: string, context: AudioContext, lost: () => void): Promise<MidiOut> {
  const output = (await open()).outputs.get(id);
  if (!output || output.state === "disconnected") {
    throw new SoundError("The MIDI instrument is not connected; connect it and choose it again.");
  }
  return new MidiOut(output, context, lost);
}

/** The click and the count-in have no channel of their own on an instrument: they share the drums'. */
function outside(channel: number): number {
  return channel >= COUNT ? DRUMS : channel;
}

export class MidiOut implements Instrument {
  private readonly queue = new Queue();
  /** Notes that sound, by channel and pitch. */
  private readonly sounding = new Int16Array(CHANNELS * PITCHES);

  constructor(private readonly output: MIDIOutput, private readonly context: AudioContext, lost: () => void) {
    output.onstatechange = () => {
      if (output.state === "disconnected") lost();
    };
  }

  close(): void {
    this.output.onstatechange = null;
  }

  lay(channels: readonly Channel[]): void {
    for (const { channel, program, drums, volume, pan } of channels) {
      if (channel >= COUNT) continue;
      if (!drums) this.send([PROGRAM | channel, program]);
      this.send([CONTROL | channel, VOLUME, volume]);
      this.send([CONTROL | channel, PAN, pan]);
    }
  }

  notes(all: readonly Due[]): void {
    for (const { at, until, rate, event } of all) {
      const { channel, pitch, velocity, controls } = event;
      const began = Math.round(at * MICRO);
      if (controls) this.queue.forget(began, channel);
      for (const [after, control, value] of controls ?? []) {
        const frame = Math.round((at + after / rate) * MICRO);
        this.queue.add({ frame, on: false, channel, pitch: 0, velocity: value, control, began });
      }
      this.queue.add({ frame: began, on: true, channel, pitch, velocity, began });
      this.queue.add({ frame: Math.round(until * MICRO), on: false, channel, pitch, velocity: 0, began });
    }
    this.tick();
  }

  drop(from: number, stretch: number, channels: readonly number[]): void {
    this.queue.drop(Math.round(from * MICRO), stretch, new Set(channels));
  }

  silence(from: number, channels: readonly number[]): void {
    const start = Math.max(from, this.context.currentTime);
    this.queue.drop(Math.round(start * MICRO), 1, new Set(channels));
    for (const channel of channels) {
      for (let pitch = 0; pitch < PITCHES; pitch++) {
        const key = channel * PITCHES + pitch;
        // After what has left the page already, so that none of it is left sounding.
        if (this.sounding[key]) this.send([NOTE_OFF | outside(channel), pitch, 0], start + AHEAD);
        this.sounding[key] = 0;
      }
      if (channel < COUNT) this.send([CONTROL | channel, ALL_OFF, 0], start);
    }
  }

  /** Send what is due soon. */
  tick(): void {
    const soon = (this.context.currentTime + AHEAD) * MICRO;
    for (let one = this.queue.take(soon); one; one = this.queue.take(soon)) {
      const { on, channel, pitch, velocity, control } = one;
      if (control !== undefined) {
        const data = control === WHEEL ? [BEND | outside(channel), velocity & 127, velocity >> 7] : [CONTROL | outside(channel), control, velocity];
        this.send(data, one.frame / MICRO);
        continue;
      }
      const key = channel * PITCHES + pitch;
      const before = this.sounding[key] ?? 0;
      // The end of a note that was silenced meanwhile.
      if (!on && before === 0) continue;
      this.sounding[key] = before + (on ? 1 : -1);
      this.send([(on ? NOTE_ON : NOTE_OFF) | outside(channel), pitch, velocity], one.frame / MICRO);
    }
  }

  /** Send at once, or at the moment at which the audio clock's time is heard. */
  private send(message: number[], at?: number): void {
    if (this.output.state === "disconnected") return;
    if (at === undefined) {
      this.output.send(message);
      return;
    }
    const { contextTime = 0, performanceTime = 0 } = this.context.getOutputTimestamp();
    const origin = contextTime > 0 ? performanceTime - contextTime * 1000 : performance.now() - this.context.currentTime * 1000;
    this.output.send(message, origin + at * 1000);
  }
}
