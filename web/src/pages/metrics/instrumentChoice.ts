import type { InstrumentView } from "../../api/schema";

/** An attribute that instruments can be filtered by. */
export interface AttributeChoice {
  name: string;
  values: readonly string[];
  /** The value that is chosen; empty for any. */
  chosen: string;
}

/** The value of a filter such as `http.route=/api/orders`, by the name of its attribute. */
export function chosenValues(filters: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    filters.flatMap((filter) => {
      const at = filter.indexOf("=");
      return at > 0 ? [[filter.slice(0, at), filter.slice(at + 1)] as const] : [];
    }),
  );
}

/** The filters after a value was chosen for an attribute; an empty one takes its filter away. */
export function withChoice(filters: readonly string[], name: string, value: string): readonly string[] {
  const others = filters.filter((filter) => !filter.startsWith(`${name}=`));
  return value === "" ? others : [...others, `${name}=${value}`];
}

/** The attributes that tell something apart, those of the most instruments first. */
export function attributeChoices(
  instruments: readonly InstrumentView[],
  filters: readonly string[],
): readonly AttributeChoice[] {
  const chosen = chosenValues(filters);
  const found = new Map<string, { values: Set<string>; count: number }>();
  for (const { attributes } of instruments) {
    for (const [name, values] of Object.entries(attributes)) {
      const entry = found.get(name) ?? { values: new Set(), count: 0 };
      for (const value of values) entry.values.add(value);
      entry.count += 1;
      found.set(name, entry);
    }
  }
  for (const [name, value] of chosen) {
    const entry = found.get(name) ?? { values: new Set(), count: 0 };
    found.set(name, { values: entry.values.add(value), count: entry.count });
  }
  return [...found]
    .filter(([name, { values }]) => values.size > 1 || chosen.has(name))
    .sort(
      ([a, one], [b, other]) =>
        Number(chosen.has(b)) - Number(chosen.has(a)) || other.count - one.count || (a < b ? -1 : 1),
    )
    .map(([name, { values }]) => ({ name, values: [...values].sort(), chosen: chosen.get(name) ?? "" }));
}

/** The instruments whose names hold a text, and that have the attributes of all filters. */
export function chosenInstruments(
  instruments: readonly InstrumentView[],
  text: string,
  filters: readonly string[],
): readonly InstrumentView[] {
  const wanted = text.trim().toLowerCase();
  const chosen = [...chosenValues(filters)];
  return instruments.filter(
    ({ name, title, attributes }) =>
      (name.toLowerCase().includes(wanted) || title.toLowerCase().includes(wanted)) &&
      chosen.every(([attribute, value]) => attributes[attribute]?.includes(value)),
  );
}
