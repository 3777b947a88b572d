import { matching, type Query } from "../text/query";
import type { SearchAnswer, SearchRequest } from "./messages";

const texts: string[] = [];
let query: Query = { kind: "none" };
let search = 0;
let answered = 0;

function answer(from: number): void {
  const places = matching(texts.slice(from), query).map((place) => from + place);
  answered += 1;
  const message: SearchAnswer = { search, places, answered };
  postMessage(message);
}

addEventListener("message", ({ data }: MessageEvent<SearchRequest>) => {
  if (data.kind === "query") {
    ({ query, search } = data);
    answer(0);
  } else {
    const from = texts.length;
    for (const text of data.texts) texts.push(text);
    answer(from);
  }
});
