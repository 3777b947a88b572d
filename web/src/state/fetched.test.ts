import { expect, test } from "vitest";
import { RequestError } from "../api/problem";
import { Fetched } from "./fetched";

test("calls during a request make one more request, so that the last change is seen", async () => {
  const answers: ((value: number) => void)[] = [];
  const fetched = new Fetched(() => new Promise<number>((resolve) => answers.push(resolve)));
  const done = fetched.refresh();
  fetched.refresh();
  fetched.refresh();
  answers[0]?.(1);
  await Promise.resolve();
  await Promise.resolve();
  expect(fetched.data.value).toBe(1);
  answers[1]?.(2);
  await done;
  expect(fetched.data.value).toBe(2);
  expect(answers).toHaveLength(2);
});

test("a failed request keeps what came before, and says why", async () => {
  const problem = { kind: "usage", message: "no", resource: null, remedy: null, status: 400 };
  let fails = false;
  const fetched = new Fetched(async () => {
    if (fails) throw new RequestError(problem);
    return "value";
  });
  await fetched.refresh();
  fails = true;
  await fetched.refresh();
  expect([fetched.data.value, fetched.problem.value]).toEqual(["value", problem]);
  fails = false;
  await fetched.refresh();
  expect(fetched.problem.value).toBeNull();
});
