import { effect, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { causes } from "../state/run/causes";

/** Milliseconds over which changes are told together. */
const PAUSE = 2000;

/** What a screen reader is told when causes come and go.
 * @param before The titles before, by the ids of the causes.
 * @param after The titles now. */
export function announcement(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  const came = [...after].filter(([id, title]) => before.get(id) !== title).map(([, title]) => title);
  const went = [...before].filter(([id]) => !after.has(id)).map(([, title]) => `Over: ${title}`);
  return [...came, ...went].map((words) => `${words}.`).join(" ");
}

/** The polite live region: changes of causes, told together over 2 s. */
export function CauseAnnouncer() {
  const words = useSignal("");
  useEffect(() => {
    let told = new Map<string, string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const dispose = effect(() => {
      const now = new Map(causes.value.map((cause) => [cause.id, cause.title]));
      clearTimeout(timer);
      timer = setTimeout(() => {
        words.value = announcement(told, now);
        told = now;
      }, PAUSE);
    });
    return () => {
      dispose();
      clearTimeout(timer);
    };
  }, []);
  return (
    <p class="sr" role="status" aria-live="polite">
      {words.value}
    </p>
  );
}
