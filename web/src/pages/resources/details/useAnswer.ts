import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** What a request answers, asked again when its key changes; null until it has, and when it fails. */
export function useAnswer<T>(key: string, load: (signal: AbortSignal) => Promise<T>): T | null {
  const answer = useSignal<{ key: string; value: T } | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) answer.value = { key, value };
      },
      () => undefined,
    );
    return () => abort.abort();
  }, [key]);
  return answer.value?.key === key ? answer.value.value : null;
}
