// The player without a page, for the tests: its sound is recorded frame by frame, on the audio clock.
import { createPlayer, type Files, type Music, type Player } from "../../../studio/src/player/index";

interface Recording {
  /** Audio time of the first sample. */
  start: number;
  rate: number;
  /** Little-endian 32-bit floats of the left channel. */
  samples: string;
}

class Harness {
  player!: Player;
  context!: AudioContext;
  violations: string[] = [];
  private recorder: AudioWorkletNode | null = null;
  private pressed = 0;

  constructor() {
    document.addEventListener("securitypolicyviolation", (event) => {
      this.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
    document.getElementById("play")?.addEventListener("click", () => {
      this.pressed = this.context.currentTime;
      void this.player.play();
    });
  }

  async make(files: Partial<Files>, music: string): Promise<string> {
    const names = (await (await fetch("/names.json")).json()) as { worklet: string; timer: string };
    const all: Files = { worklet: `/${names.worklet}`, timer: `/${names.timer}`, soundfont: "/font.sf2", ...files };
    if (globalThis.AudioContext) this.context = new AudioContext({ latencyHint: "interactive" });
    this.player = createPlayer(this.context ? { ...all, context: this.context } : all);
    this.player.load(await this.music(music));
    return this.settled();
  }

  async music(name: string): Promise<Music> {
    return (await (await fetch(name)).json()) as Music;
  }

  async load(name: string, keepBeat: boolean): Promise<void> {
    this.player.load(await this.music(name), keepBeat);
  }

  /** Wait until loading has come to an end; return the state. */
  async settled(): Promise<string> {
    while (["unloaded", "loading"].includes(this.player.state.value)) await this.wait(0.01);
    return this.player.state.value;
  }

  wait(seconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  async record(): Promise<void> {
    await this.context.audioWorklet.addModule("/recorder.js");
    this.recorder = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0 });
    this.player.analyser()?.connect(this.recorder);
  }

  async recorded(): Promise<Recording> {
    const recorder = this.recorder as AudioWorkletNode;
    const parts = await new Promise<{ frame: number; blocks: Float32Array[] }>((resolve) => {
      recorder.port.onmessage = (message) => resolve(message.data);
      recorder.port.postMessage(null);
    });
    recorder.port.close();
    this.player.analyser()?.disconnect();
    const bytes = new Uint8Array(await new Blob(parts.blocks as BlobPart[]).arrayBuffer());
    let text = "";
    for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
    return { start: parts.frame / this.context.sampleRate, rate: this.context.sampleRate, samples: btoa(text) };
  }

  /** Positions with the audio time at which they were read, one a frame. */
  async follow(seconds: number): Promise<[number, number][]> {
    const found: [number, number][] = [];
    const until = this.context.currentTime + seconds;
    while (this.context.currentTime < until) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      found.push([this.context.currentTime, this.player.position()]);
    }
    return found;
  }

  latency(): number {
    return this.context.outputLatency || this.context.baseLatency;
  }

  /** Audio time of the press on the button. */
  press(): number {
    return this.pressed;
  }
}

Object.assign(window, { harness: new Harness() });
