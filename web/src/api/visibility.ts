/** Seconds that a tab may be hidden before its streams end; a browser allows six connections to one origin. */
const PATIENCE = 30;

interface Listener {
  sleep(): void;
  wake(): void;
}

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setTimeout> | undefined;
let asleep = false;

function changed(): void {
  clearTimeout(timer);
  if (document.visibilityState === "hidden") {
    timer = setTimeout(() => {
      asleep = true;
      for (const each of listeners) each.sleep();
    }, PATIENCE * 1000);
  } else if (asleep) {
    asleep = false;
    for (const each of listeners) each.wake();
  }
}

/** Hear when the tab has been hidden for 30 s, and when it is shown again after that. Returns what ends it. */
export function onSleep(listener: Listener): () => void {
  if (listeners.size === 0) document.addEventListener("visibilitychange", changed);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) document.removeEventListener("visibilitychange", changed);
  };
}

/** Whether the tab sleeps: hidden for more than 30 s. */
export function isAsleep(): boolean {
  return asleep;
}
