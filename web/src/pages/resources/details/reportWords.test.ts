import { expect, test } from "vitest";
import type { HealthReport } from "../../../api/schema";
import { reportWords } from "./reportWords";

const report: HealthReport = {
  name: "GET /healthz",
  status: "Healthy",
  description: "answers 200",
  raw: "",
  checked_at: 1,
  expected: "",
  got: "",
  duration: null,
  since: null,
};

test("an answer that was not expected is told with what was", () => {
  expect(reportWords({ ...report, expected: "200", got: "503", duration: 0.012 })).toBe(
    "503, expected 200 · took 12 ms",
  );
  expect(reportWords({ ...report, expected: "200", got: "200" })).toBe("200");
});

test("a check that does not say what it got is told in its own words", () => {
  expect(reportWords(report)).toBe("answers 200");
});
