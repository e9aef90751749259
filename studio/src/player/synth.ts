// The synthesiser as the player uses it; behind it the audio worklet.
import { NOTE_FIELDS, PROCESSOR, type FromSynth, type ToSynth } from "./messages";
import type { Channel, Due } from "./scheduler";
import type { Files } from "./types";

/** Seconds for the worklet to answer while the context runs; before a press, some browsers let it wait. */
const ANSWER_WITHIN = 20;
/** A band of five at full strength peaks at about a third. */
const GAIN = 1.8;

/** Why nothing sounds, in a sentence for the reader. */
export class SoundError extends Error {}

/** What plays notes at times of the audio clock, and takes them back. */
export interface Instrument {
  lay(channels: readonly Channel[]): void;
  notes(all: readonly Due[]): void;
  /** Take back what starts at or after `from`; what sounds then ends `stretch` times as late after it. */
  drop(from: number, stretch: number, channels: readonly number[]): void;
  /** Take back what starts at or after `from`, and end what sounds then. */
  silence(from: number, channels: readonly number[]): void;
  /** Called every few hundredths of a second while something plays. */
  tick(): void;
}

export class Synth implements Instrument {
  readonly output: GainNode;
  private node: AudioWorkletNode | null = null;

  constructor(readonly context: AudioContext) {
    this.output = new GainNode(context, { gain: GAIN });
    this.output.connect(context.destination);
  }

  async prepare(files: Files): Promise<void> {
    const [data] = await Promise.all([fetchFont(files.soundfont), this.addWorklet(files.worklet)]);
    const node = new AudioWorkletNode(this.context, PROCESSOR, {
      numberOfInputs: 0,
      outputChannelCount: [2],
    });
    const answer = await new Promise<FromSynth>((resolve, reject) => {
      let waited = 0;
      const watch = setInterval(() => {
        if (this.context.state === "running") waited++;
        if (waited > ANSWER_WITHIN) end(() => reject(new SoundError("The synthesiser does not answer; load the page again.")));
      }, 1000);
      const end = (how: () => void) => {
        clearInterval(watch);
        how();
      };
      node.port.onmessage = (message: MessageEvent<FromSynth>) => end(() => resolve(message.data));
      node.onprocessorerror = () =>
        end(() => reject(new SoundError("The synthesiser stopped with an error; load the page again.")));
      node.port.postMessage({ type: "font", data } satisfies ToSynth, [data]);
    });
    if (answer.type === "unreadable") {
      throw new SoundError(`The soundfont cannot be read (${answer.reason}); give the server another .sf2 file.`);
    }
    node.connect(this.output);
    this.node = node;
  }

  private async addWorklet(url: string): Promise<void> {
    if (!this.context.audioWorklet) {
      throw new SoundError("The browser sounds only on a safe address; open the page at localhost or over https.");
    }
    try {
      await this.context.audioWorklet.addModule(url);
    } catch {
      throw new SoundError("The browser refused the synthesiser or could not fetch it; load the page again.");
    }
  }

  /** Take it out of the sound; it cannot be used again. */
  close(): void {
    this.node?.disconnect();
    this.output.disconnect();
  }

  /** Call back when the synthesiser dies. */
  onDeath(tell: () => void): void {
    if (this.node) this.node.onprocessorerror = tell;
  }

  lay(channels: readonly Channel[]): void {
    this.post({ type: "channels", channels });
  }

  notes(all: readonly Due[]): void {
    if (all.length === 0) return;
    const notes = new Float64Array(all.length * NOTE_FIELDS);
    all.forEach(({ at, until, event }, k) => {
      notes.set([at, until, event.channel, event.pitch, event.velocity], k * NOTE_FIELDS);
    });
    const controls = all.flatMap(({ at, rate, event }) =>
      (event.controls ?? []).flatMap(([after, number, value]) => [at + after / rate, at, event.channel, number, value]),
    );
    this.post({ type: "notes", notes, ...(controls.length > 0 && { controls: Float64Array.from(controls) }) });
  }

  drop(from: number, stretch: number, channels: readonly number[]): void {
    this.post({ type: "drop", from, stretch, channels });
  }

  silence(from: number, channels: readonly number[]): void {
    this.post({ type: "silence", from, channels });
  }

  /** The worklet keeps time by itself. */
  tick(): void {}

  private post(message: ToSynth): void {
    this.node?.port.postMessage(message);
  }
}

async function fetchFont(url: string | null): Promise<ArrayBuffer> {
  if (url === null) throw new SoundError("The server has no soundfont, so the page cannot sound; install pretty_midi there.");
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new SoundError("The soundfont could not be fetched; see whether the server still runs, then press play again.");
  }
  if (!response.ok) {
    throw new SoundError(`The soundfont could not be fetched (${response.status}); load the page again.`);
  }
  return response.arrayBuffer();
}

/** Make an audio context, or say why this browser has none. */
export function makeContext(): AudioContext {
  if (!globalThis.AudioContext) {
    throw new SoundError("This browser has no Web Audio, so the page cannot sound; open it in a newer browser.");
  }
  return new AudioContext({ latencyHint: "interactive" });
}
