import { expect, test } from "vitest";
import { sumOf, UsageStore } from "./usage";

test("the last minute is kept, and a second that comes again changes nothing", () => {
  const store = new UsageStore();
  for (let time = 1; time <= 70; time += 1) store.add(time, { api: [time, 100] });
  store.add(70, { api: [999, 999] });
  store.flush();
  const points = store.of("api").value;
  expect([points.length, points[0]?.time, points.at(-1)]).toEqual([
    60,
    11,
    { time: 70, cpu: 70, memory: 100 },
  ]);
});

test("what has ended shows nothing", () => {
  const store = new UsageStore();
  store.add(1, { api: [1, 1], migrate: [1, 1] });
  store.add(9, { api: [1, 1] });
  store.flush();
  expect([store.of("migrate").value.length, store.of("api").value.length]).toEqual([0, 2]);
});

test("nothing is seen before the flush", () => {
  const store = new UsageStore();
  store.add(1, { api: [1, 2] });
  expect(store.of("api").value).toEqual([]);
});

test("a group's use is the sum of its members' at each second", () => {
  const point = (time: number, cpu: number) => ({ time, cpu, memory: 1 });
  expect(sumOf([[point(1, 5), point(2, 6)], [point(2, 1)]])).toEqual([
    { time: 1, cpu: 5, memory: 1 },
    { time: 2, cpu: 7, memory: 2 },
  ]);
});
