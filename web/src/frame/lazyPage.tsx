import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { Patience, Skeleton } from "../components/Skeleton";

/** A page whose code is loaded when it is first opened. */
export function lazyPage(load: () => Promise<{ default: ComponentType }>): ComponentType {
  const page: Signal<ComponentType | null> = signal(null);
  const failure = signal<unknown>(null);
  let asked = false;
  return function LazyPage() {
    if (failure.value !== null) throw failure.value;
    if (!asked) {
      asked = true;
      load().then(
        (module) => {
          page.value = module.default;
        },
        (error: unknown) => {
          asked = false;
          failure.value = error;
        },
      );
    }
    const Page = page.value;
    if (Page) return <Page />;
    return (
      <main id="main">
        <div class="empty">
          <Patience what="the page">
            <Skeleton width={180} />
          </Patience>
        </div>
      </main>
    );
  };
}
