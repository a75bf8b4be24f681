/** MiniSearch and FlexSearch as their documentation sets them up for search as you type, behind one interface. */

import MiniSearch from "minisearch";
import { Charset, Document } from "flexsearch";

const LIMIT = 30;

function miniSearch() {
  const options = { fields: ["title", "body"], storeFields: ["title"] };
  const searching = { prefix: true, fuzzy: 0.2, combineWith: "AND", boost: { title: 4 } };
  let index = new MiniSearch(options);
  return {
    add: (docs) => index.addAll(docs),
    find: (text) => index.search(text, searching).map(({ id }) => id),
    kept: () => JSON.stringify(index),
    load: (kept) => { index = MiniSearch.loadJSON(kept, options); },
  };
}

function flexSearch() {
  const make = () => new Document({
    document: { id: "id", index: ["title", "body"] },
    tokenize: "forward",
    encoder: Charset.LatinBalance,
  });
  let index = make();
  return {
    add: (docs) => { for (const doc of docs) index.add(doc); },
    find: (text) => [...new Set(index.search(text, { limit: LIMIT }).flatMap(({ result }) => result))],
    kept: () => {
      const parts = [];
      index.export((key, data) => parts.push([key, data]));
      return JSON.stringify(parts);
    },
    load: (kept) => {
      index = make();
      for (const [key, data] of JSON.parse(kept)) index.import(key, data);
    },
  };
}

export const engines = { MiniSearch: miniSearch, FlexSearch: flexSearch };

const timed = (work) => {
  const began = performance.now();
  work();
  return performance.now() - began;
};

/** Build, and type every query key by key: milliseconds, and how large what is kept is. */
export function measure(name, docs, queries) {
  const engine = engines[name]();
  globalThis.held.push(engine);
  const build = timed(() => engine.add(docs));
  const keys = queries.flatMap((query) => [...query].map((_, at) => query.slice(0, at + 1)));
  const strokes = keys.map((text) => timed(() => engine.find(text)));
  const kept = engine.kept();
  const load = timed(() => engines[name]().load(kept));
  return { build, strokes, first: strokes, kept: new TextEncoder().encode(kept).length, load, longest: build };
}

/** What each query of a small corpus finds. */
export function finds(name, docs, queries) {
  const engine = engines[name]();
  engine.add(docs);
  return queries.map((text) => engine.find(text));
}
