import { describe, expect, it } from "vitest";
import { Heights } from "./heights";

describe("heights of rows", () => {
  it("knows where rows begin, however they came", () => {
    const given = Array.from({ length: 3000 }, (_, at) => 20 + (at % 7) * 20);
    const whole = new Heights();
    whole.reset(given.length, (at) => given[at] ?? 0);
    const pushed = new Heights();
    for (const height of given) pushed.push(height);
    let top = 0;
    given.forEach((height, at) => {
      expect(whole.top(at)).toBe(top);
      expect(pushed.top(at)).toBe(top);
      expect(pushed.find(top)).toBe(at);
      expect(pushed.find(top + height - 1)).toBe(at);
      top += height;
    });
    expect(whole.total).toBe(top);
  });

  it("takes changes", () => {
    const heights = new Heights();
    heights.reset(10, () => 20);
    heights.set(3, 100);
    heights.push(40);
    expect([heights.top(3), heights.top(4), heights.total, heights.height(10)]).toEqual([60, 160, 320, 40]);
  });

  it("keeps to what there is", () => {
    const heights = new Heights();
    expect(heights.find(10)).toBe(0);
    heights.reset(2, () => 20);
    expect([heights.find(-5), heights.find(1000)]).toEqual([0, 1]);
    heights.reset(1, () => 5);
    expect(heights.total).toBe(5);
  });
});
