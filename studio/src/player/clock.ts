// Music seconds against audio time. Pure: every time is computed from a span's origin.
import type { Loop } from "./types";

export const SLOWEST = 0.4;
export const FASTEST = 1.2;
/** Music seconds of the shortest loop. */
export const SHORTEST = 0.1;

/** Playing from one origin on, until a seek or another speed or loop starts the next span. */
export interface Span {
  /** Audio time of the origin. */
  readonly at: number;
  /** Music seconds at the origin. */
  readonly music: number;
  /** Music seconds a second of audio, in round 0. */
  readonly rate: number;
  readonly loop: Loop | null;
  /** Added to the rate at each return of the loop. */
  readonly faster: number;
  /** Whether playing starts here, rather than goes on. */
  readonly fresh: boolean;
}

/** One pass through a span: round 0 from its origin, the others from the loop's start. */
export interface Round {
  readonly index: number;
  readonly rate: number;
  /** Audio time and music seconds of its start. */
  readonly at: number;
  readonly music: number;
  /** Music seconds of its end; infinite without a loop. */
  readonly to: number;
}

export interface Heard {
  readonly music: number;
  readonly rate: number;
  readonly round: number;
}

export function clampRate(rate: number): number {
  return Number.isFinite(rate) ? Math.min(FASTEST, Math.max(SLOWEST, rate)) : 1;
}

/** Return the span's loop, or null where it is too short or the origin lies behind it. */
function loopOf(span: Span): Loop | null {
  const { loop, music } = span;
  return loop && loop.to - loop.from >= SHORTEST && music < loop.to ? loop : null;
}

/** Compute the rate of one round; past `FASTEST` it grows no further. */
export function rateOf(span: Span, round: number): number {
  return Math.max(span.rate, Math.min(FASTEST, span.rate + Math.max(0, span.faster) * round));
}

/** Return the first round whose rate grows no further. */
function steady(span: Span): number {
  return span.faster > 0 ? Math.max(0, Math.ceil((FASTEST - span.rate) / span.faster - 1e-9)) : 0;
}

/** Compute the audio time at which a round starts. */
export function roundStart(span: Span, round: number): number {
  const loop = loopOf(span);
  if (round === 0 || !loop) return span.at;
  const length = loop.to - loop.from;
  const growing = Math.min(round, Math.max(1, steady(span)));
  let elapsed = (loop.to - span.music) / span.rate;
  for (let k = 1; k < growing; k++) elapsed += length / rateOf(span, k);
  return span.at + elapsed + ((round - growing) * length) / rateOf(span, Math.max(growing, 1));
}

/** Return the round that sounds at an audio time. */
export function roundAt(span: Span, time: number): Round {
  const loop = loopOf(span);
  let index = 0;
  if (loop) {
    const growing = Math.max(1, steady(span));
    while (index < growing && roundStart(span, index + 1) <= time) index++;
    if (index === growing) {
      const length = (loop.to - loop.from) / rateOf(span, growing);
      index += Math.max(0, Math.floor((time - roundStart(span, growing)) / length));
      if (roundStart(span, index + 1) <= time) index++;
      else if (roundStart(span, index) > time) index--;
    }
  }
  return {
    index,
    rate: rateOf(span, index),
    at: roundStart(span, index),
    music: index > 0 && loop ? loop.from : span.music,
    to: loop ? loop.to : Infinity,
  };
}

/** Return the rounds that sound within [from, to) of audio time. */
export function rounds(span: Span, from: number, to: number): Round[] {
  const found: Round[] = [];
  let round = roundAt(span, from);
  while (round.at < to) {
    found.push(round);
    if (round.to === Infinity) break;
    const index = round.index + 1;
    const loop = span.loop as Loop;
    round = { index, rate: rateOf(span, index), at: roundStart(span, index), music: loop.from, to: loop.to };
  }
  return found;
}

/** Compute what is heard at an audio time; before the origin, its start. */
export function heard(span: Span, time: number): Heard {
  const round = roundAt(span, time);
  const music = round.music + Math.max(0, time - round.at) * round.rate;
  return { music: Math.min(music, round.to), rate: round.rate, round: round.index };
}
