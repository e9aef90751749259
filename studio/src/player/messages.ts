// What the page and the audio worklet say to each other.
import type { Channel } from "./scheduler";

export const PROCESSOR = "sideman-synth";

/** Numbers of one note in the flat array of a `notes` message: at, until, channel, pitch, velocity. */
export const NOTE_FIELDS = 5;

/** Numbers of one control in the other: at, start of its note, channel, controller, value. */
export const CONTROL_FIELDS = 5;

export type ToSynth =
  | { readonly type: "font"; readonly data: ArrayBuffer }
  | { readonly type: "channels"; readonly channels: readonly Channel[] }
  | { readonly type: "notes"; readonly notes: Float64Array; readonly controls?: Float64Array }
  /** Take back what starts at or after `from`; what sounds then ends `stretch` times as late after it. */
  | { readonly type: "drop"; readonly from: number; readonly stretch: number; readonly channels: readonly number[] }
  /** Take back what starts at or after `from`, and fade what sounds then. */
  | { readonly type: "silence"; readonly from: number; readonly channels: readonly number[] };

export type FromSynth = { readonly type: "ready" } | { readonly type: "unreadable"; readonly reason: string };
