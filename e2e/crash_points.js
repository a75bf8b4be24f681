/**
 * Put into a page before its own scripts: numbers the steps that it takes in storage and on the network, and stops the
 * page for good at one of them, so that its process can be ended right there. `point` is the number of the step, counted
 * from 1, or its name, of which the first one counts; null counts only.
 */
(point) => {
  /** The last thing that a warming does is to keep the search index. */
  const LAST_OF_A_WARMING = "committed search unindexed";
  let last = LAST_OF_A_WARMING;
  let finished = false;

  const points = globalThis.crashPoints = {
    names: [],
    /** Count from here on, until a step or a mark of this name. */
    begin(at, until = LAST_OF_A_WARMING) {
      point = at;
      last = until;
      points.names = [];
      marks.takeRecords();  // of what came before
      finished = false;
    },
  };

  function finish() {
    finished = true;
    console.info("no crash point any more");
  }

  function step(name) {
    if (finished) return;
    points.names.push(name);
    if (point === points.names.length || point === name) {
      console.info(`crash point: ${name}`);
      for (;;);  // No line of the page runs any more, and no event arrives.
    }
    if (name === last) finish();
  }

  /** Call `after` with what a method answered, its arguments and its object, before its caller has the answer. */
  function follow(owner, method, after) {
    const original = owner[method];
    owner[method] = function (...args) {
      const answer = original.apply(this, args);
      after(answer, args, this);
      return answer;
    };
  }

  /** A promise's end as a step. */
  const settled = (promise, name) => promise.then(() => step(name), () => undefined);
  const ours = (name) => typeof name === "string" && name.startsWith("hearth");

  follow(IDBFactory.prototype, "open", (request, [name]) => {
    if (!ours(name)) return;
    request.addEventListener("upgradeneeded", () => step("upgrade"));
    request.addEventListener("success", () => step("opened"));
    step("open");
  });
  follow(IDBFactory.prototype, "deleteDatabase", (request, [name]) => {
    request.addEventListener("success", () => step(`deleted ${name.split(":")[0]}`));
    step(`delete ${name.split(":")[0]}`);
  });
  follow(IDBDatabase.prototype, "transaction", (transaction, [stores, mode]) => {
    const name = [stores].flat().join(" ");
    transaction.addEventListener("complete", () => step(mode === "readwrite" ? `committed ${name}` : `read ${name}`));
    if (mode === "readwrite") step(`begun ${name}`);
  });
  for (const method of ["put", "add", "delete", "get", "count"]) {
    follow(IDBObjectStore.prototype, method, (request, args, store) => {
      if (store.transaction.mode === "readwrite") step(`${method} ${store.name}`);
    });
  }

  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("open", () => step("connected"));
      this.addEventListener("message", ({ data }) => step(`received ${JSON.parse(data).event}`));
      step("connect");
    }

    send(text) {
      super.send(text);
      step(`sent ${JSON.parse(text).event}`);
    }
  };
  follow(globalThis, "fetch", (answer, [resource]) => {
    const { pathname } = new URL(resource.url ?? resource, location.href);
    if (!pathname.startsWith("/api/")) return;
    settled(answer, `answered ${pathname}`);
    step(`ask ${pathname}`);
  });

  for (const method of ["setItem", "removeItem"]) {
    follow(Storage.prototype, method, (_, [name]) => {
      if (ours(name)) step(`${method} ${name.split(":")[0]}`);
    });
  }
  for (const method of ["put", "delete"]) {
    follow(Cache.prototype, method, (done) => {
      settled(done, `${method} in a cache: done`);
      step(`${method} in a cache`);
    });
  }

  const marks = new PerformanceObserver((list) => {
    if (list.getEntriesByName("hearth:signed-out").length || list.getEntriesByName(last).length) finish();
  });
  marks.observe({ type: "mark", buffered: true });
}
