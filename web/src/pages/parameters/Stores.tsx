import type { ParameterList } from "../../api/schema";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/CopyButton";
import { whyOff } from "../../state/run/connection";
import { asked } from "./state";
import { storedPath, storeText } from "./wording";

/** The files in which values are kept. */
export function Stores({ list }: { list: ParameterList }) {
  const stored = list.parameters.filter((parameter) => parameter.stored).map(({ name }) => name);
  const path = storedPath(list);
  return (
    <section class="stores">
      <h2>Where values are kept</h2>
      {list.stores.length === 0 && (
        <p class="quiet">This run keeps none: its values are gone when it ends.</p>
      )}
      <ul class="kv">
        {list.stores.map((store) => (
          <li key={store.path}>
            <span>{storeText(store.kind, store.count)}</span>
            <span class="v">{store.path}</span>
            <span class="do">
              {store.path === path && (
                <Button
                  label="Forget stored values"
                  small
                  look="ghost"
                  whyOff={whyOff() || (stored.length === 0 ? "none is stored" : "")}
                  onClick={() => {
                    asked.value = { kind: "forget", names: stored };
                  }}
                />
              )}
              <CopyButton label={`Copy ${store.path}`} text={store.path} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
