import type { HealthReport } from "../../../api/schema";
import { measured } from "../../../state/format";

/** What a check found: the answer, what was expected, how long it took. */
export function reportWords({ description, expected, got, duration: took }: HealthReport): string {
  const answer = got && expected && got !== expected ? `${got}, expected ${expected}` : got || description;
  return [answer, took === null ? "" : `took ${measured(took)}`].filter((part) => part !== "").join(" · ");
}
