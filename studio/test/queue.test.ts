import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/player/queue";

function note(queue: Queue, channel: number, began: number, ends: number, pitch = 60): void {
  queue.add({ frame: began, on: true, channel, pitch, velocity: 90, began });
  queue.add({ frame: ends, on: false, channel, pitch, velocity: 0, began });
}

function all(queue: Queue): [number, boolean, number][] {
  const found: [number, boolean, number][] = [];
  for (let one = queue.take(Infinity); one; one = queue.take(Infinity)) found.push([one.frame, one.on, one.channel]);
  return found;
}

test("changes come in order, an end before a start of the same frame", () => {
  const queue = new Queue();
  note(queue, 0, 100, 200);
  note(queue, 0, 0, 100);
  assert.deepEqual(all(queue), [[0, true, 0], [100, false, 0], [100, true, 0], [200, false, 0]]);
});

test("nothing comes before its frame", () => {
  const queue = new Queue();
  note(queue, 0, 100, 200);
  assert.equal(queue.take(99), undefined);
  assert.equal(queue.next(), 100);
  assert.equal(queue.take(100)?.on, true);
});

test("a drop takes later notes back whole and leaves the end of what sounds", () => {
  const queue = new Queue();
  note(queue, 0, 0, 150);
  note(queue, 0, 120, 180);
  note(queue, 1, 120, 180);
  queue.drop(100, 1, new Set([0]));
  assert.deepEqual(all(queue), [[0, true, 0], [120, true, 1], [150, false, 0], [180, false, 1]]);
});

test("at another speed the end of what sounds moves away from the change", () => {
  const queue = new Queue();
  note(queue, 0, 0, 150);
  note(queue, 1, 0, 150);
  queue.drop(100, 2, new Set([0]));
  assert.deepEqual(all(queue).filter(([, on]) => !on), [[150, false, 1], [200, false, 0]]);
});

test("controls come between ends and starts, and another note forgets them", () => {
  const queue = new Queue();
  const bend = (frame: number) =>
    queue.add({ frame, on: false, channel: 0, pitch: 0, velocity: 8000, control: -1, began: 0 });
  note(queue, 0, 0, 100);
  note(queue, 0, 100, 200);
  bend(100);
  bend(150);
  queue.forget(120, 0);
  queue.forget(0, 1);
  assert.deepEqual(all(queue), [[0, true, 0], [100, false, 0], [100, false, 0], [100, true, 0], [200, false, 0]]);
});
