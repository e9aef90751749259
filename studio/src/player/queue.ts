// Notes waiting to start or end, in frames of the audio clock. Pure.

export interface Change {
  frame: number;
  readonly on: boolean;
  readonly channel: number;
  readonly pitch: number;
  readonly velocity: number;
  /** The controller that is set to the velocity, -1 for the pitch wheel; none for a note. */
  readonly control?: number;
  /** Frame at which its note starts. */
  readonly began: number;
}

function rank(one: Change): number {
  return one.on ? 2 : one.control === undefined ? 0 : 1;
}

/** Whether a comes before b: at the same frame ends come first, then controls, then starts. */
function before(a: Change, b: Change): boolean {
  return a.frame !== b.frame ? a.frame < b.frame : rank(a) < rank(b);
}

export class Queue {
  /** Latest first, so that the next is taken off the end. */
  private waiting: Change[] = [];

  get length(): number {
    return this.waiting.length;
  }

  add(change: Change): void {
    let low = 0;
    let high = this.waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(change, this.waiting[middle] as Change)) low = middle + 1;
      else high = middle;
    }
    this.waiting.splice(low, 0, change);
  }

  /** Remove the controls of a channel from a frame on: another note sets them now. */
  forget(from: number, channel: number): void {
    this.waiting = this.waiting.filter(
      (one) => one.control === undefined || one.channel !== channel || one.frame < from,
    );
  }

  /** Return the frame of the next change, or infinity. */
  next(): number {
    return this.waiting[this.waiting.length - 1]?.frame ?? Infinity;
  }

  /** Take off the next change that is due at a frame. */
  take(frame: number): Change | undefined {
    return this.next() <= frame ? this.waiting.pop() : undefined;
  }

  /** Remove the notes that start at or after a frame; the ends of the others move away from it. */
  drop(from: number, stretch: number, channels: ReadonlySet<number>): void {
    const kept = this.waiting.filter((one) => one.began < from || !channels.has(one.channel));
    for (const one of kept) {
      if (!one.on && one.control === undefined && one.frame > from && channels.has(one.channel)) {
        one.frame = from + Math.round((one.frame - from) * stretch);
      }
    }
    this.waiting = [];
    for (const one of kept) this.add(one);
  }
}
