import assert from "node:assert/strict";
import { test } from "node:test";
import { clampRate, FASTEST, heard, rateOf, roundAt, rounds, roundStart, type Span } from "../src/player/clock";

const near = (a: number, b: number, by = 1e-9) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

const plain: Span = { at: 10, music: 5, rate: 0.7, loop: null, faster: 0, fresh: true };
const looped: Span = { at: 10, music: 6, rate: 1, loop: { from: 4, to: 8 }, faster: 0, fresh: true };

test("without a loop the music goes on at its rate", () => {
  near(heard(plain, 10).music, 5);
  near(heard(plain, 20).music, 12);
  assert.equal(rounds(plain, 10, 1e6).length, 1);
});

test("before the origin the music waits at its place", () => {
  near(heard(plain, 9).music, 5);
  near(heard(looped, 0).music, 6);
});

test("a loop returns to its start, from wherever it was entered", () => {
  near(heard(looped, 11.5).music, 7.5);
  near(heard(looped, 12).music, 4);
  near(heard(looped, 16 - 1e-6).music, 8, 1e-5);
  assert.equal(heard(looped, 16).round, 2);
});

test("the ten-thousandth return is as exact as the first", () => {
  const odd: Span = { ...looped, music: 4.1, rate: 0.9, loop: { from: 4.1, to: 4.1 + 1 / 3 } };
  for (const k of [1, 2, 10, 10_000]) {
    near(roundStart(odd, k), 10 + (k / 3) / 0.9, 1e-8);
    assert.equal(roundAt(odd, roundStart(odd, k)).index, k);
    near(heard(odd, roundStart(odd, k)).music, 4.1, 1e-9);
  }
});

test("each round is faster up to the fastest, and stays there", () => {
  const faster: Span = { ...looped, music: 4, rate: 1, faster: 0.05 };
  near(rateOf(faster, 1), 1.05);
  near(rateOf(faster, 4), FASTEST);
  near(rateOf(faster, 400), FASTEST);
  let at = 10;
  for (let k = 0; k < 12; k++) {
    near(roundStart(faster, k), at, 1e-9);
    at += 4 / rateOf(faster, k);
  }
  near(roundStart(faster, 1000), roundStart(faster, 12) + (988 * 4) / FASTEST, 1e-6);
});

test("a round's index and its start agree at every time", () => {
  for (const faster of [0, 0.03, 0.2, 1]) {
    const span: Span = { at: 3, music: 0.5, rate: 0.4, loop: { from: 1, to: 2.7 }, faster, fresh: true };
    for (let time = 3; time < 60; time += 0.0917) {
      const { index, at } = roundAt(span, time);
      assert.ok(at <= time && time < roundStart(span, index + 1), `${faster} ${time}`);
    }
  }
});

test("a loop behind the origin, or too short, does not turn", () => {
  assert.equal(heard({ ...looped, music: 8 }, 100).round, 0);
  assert.equal(heard({ ...looped, loop: { from: 4, to: 4.05 } }, 100).round, 0);
});

test("a rate is kept within its bounds", () => {
  assert.deepEqual([0, 0.7, 9, NaN].map(clampRate), [0.4, 0.7, 1.2, 1]);
});
