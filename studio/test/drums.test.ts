import assert from "node:assert/strict";
import { test } from "node:test";
import { drumsBegin } from "../src/chart";
import type { MusicBar } from "../src/types";

const bar = (place: MusicBar["place"], written: number | null): MusicBar => ({
  start: 0, end: 1, beats: [0], place, chorus: null, form: null, written, section: "",
});

test("the drums have every second turn of the fours", () => {
  const head = [bar("head", null), ...Array.from({ length: 12 }, (_, at) => bar("solo", at))];
  const fours = (bars: number) => Array.from({ length: bars }, (_, at) => bar("fours", 12 + at));
  assert.deepEqual(drumsBegin([...head, ...fours(12), bar("ending", null)]), [16]);
  assert.deepEqual(drumsBegin([...head, ...fours(32)]), [16, 24, 32, 40]);
  assert.deepEqual(drumsBegin([...head, ...fours(6)]), [15]);
  assert.deepEqual(drumsBegin(head), []);
});
