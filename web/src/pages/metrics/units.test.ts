import { expect, test } from "vitest";
import { shortNumber, valueWords } from "./units";

test.each([
  [1.0123, "s", "http.server.request.duration", "1.01 s"],
  [0.016, "s", "http.server.request.duration", "16 ms"],
  [16, "ms", "http.server.duration", "16 ms"],
  [0.00002, "s", "x", "20 µs"],
  [600, "s", "process.uptime", "10 min"],
  [192_937_984, "By", "process.memory.usage", "184 MiB"],
  [2_097_152, "By/s", "process.disk.io", "2 MiB/s"],
  [38.4, "/s", "http.server.request.rate", "38.4/s"],
  [0.2, "/s", "shop.orders.placed", "12/min"],
  [0.072, "s/s", "process.cpu.time", "7.2 %"],
  [7.23, "%", "process.cpu.utilization", "7.23 %"],
  [0.94, "", "redis.keyspace.hit_ratio", "94 %"],
  [15, "", "db.client.connections.usage", "15"],
  [21.5, "Cel", "room", "21.5 °C"],
  [3, "{thing}", "x", "3"],
])("%d in %s of %s is %s", (value, unit, instrument, words) => {
  expect(valueWords(value, { unit, instrument, series: [] })).toBe(words);
});

test.each([
  [0, "0"],
  [0.1234, "0.123"],
  [0.00001, "1.0e-5"],
  [1204.4, "1,204"],
  [123_456, "123 k"],
  [-1_200_000, "-1.2 M"],
  [2.5e9, "2.5 G"],
])("%d is written %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test("rates of one chart have one unit: that of its greatest value", () => {
  const points = [{ time: 1, value: 30 }];
  const series = [{ label: "a", resource: "a", quantile: null, points, latest: 30 }];
  expect(valueWords(0.2, { unit: "/s", instrument: "x", series })).toBe("0.2/s");
});
