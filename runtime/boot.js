/**
 * The page before Python: decides what is shown first, lets the person type and press "Sign in" at once, holds
 * that until Python takes over, and says so when Python cannot come. A classic script, first in the head.
 */
"use strict";
(() => {
  /** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
  const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");
  const root = document.documentElement;
  /** @param {string} id */
  const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @param {string} id */
  const input = (id) => /** @type {HTMLInputElement} */ (find(id));
  let ready = false; // Python has taken over
  /** @type {{ email: string, password: string, stay: boolean } | null} */
  let held = null; // what was submitted before that
  let failure = "";

  // PyScript's core turns one fixed string into code; whatever else is made code or HTML of text is refused.
  const TRUSTED_SCRIPT = "__HEARTH_TRUSTED_SCRIPT__";
  globalThis.trustedTypes?.createPolicy("default", {
    // Chromium puts the function that it is asked about in parentheses, Firefox does not.
    createScript: (text) => (text === TRUSTED_SCRIPT || `(${text})` === TRUSTED_SCRIPT ? text : null),
    createScriptURL: (url) => (url === "/sw.js" ? url : null),
  });

  // PyScript keeps two maps in databases of its own, which stay empty here, must not be left behind, and would
  // keep it from starting where the browser stores nothing. It gets maps in memory, behind the calls it makes.
  /** @param {any} result */
  function answer(result) {
    /** @type {{ result: any, onsuccess?: (event: object) => void }} */
    const request = { result };
    queueMicrotask(() => request.onsuccess?.({ target: request }));
    return request;
  }

  function openMap() {
    const map = new Map();
    /** @type {Record<string, (...given: any[]) => object>} */
    const store = {
      count: () => answer(map.size),
      clear: () => answer(map.clear()),
      delete: (key) => answer(void map.delete(key)),
      get: (key) => answer(map.get(key)),
      getKey: (key) => answer(map.has(key) ? key : undefined),
      getAllKeys: () => answer([...map.keys()]),
      put: (value, key) => answer((map.set(key, value), key)),
    };
    return answer({ transaction: () => ({ objectStore: () => store }), close: () => undefined });
  }

  /** @returns {never} */
  function noDatabase() {
    throw new DOMException("This browser has no IndexedDB.", "NotSupportedError");
  }
  if (!globalThis.indexedDB) {
    const absent = { open: noDatabase, databases: async () => [], deleteDatabase: noDatabase };
    Object.defineProperty(globalThis, "indexedDB", { value: absent });
  }
  const factory = Object.getPrototypeOf(indexedDB) === Object.prototype ? indexedDB : IDBFactory.prototype;
  const openDatabase = factory.open;
  factory.open = function open(name, ...version) {
    if (!name.startsWith(NAMES.pyscript)) return openDatabase.call(this, name, ...version);
    return /** @type {IDBOpenDBRequest} */ (/** @type {unknown} */ (openMap()));
  };

  /** The name of the entry that holds the key; with "Stay signed in" the account's id is part of it. @param {Storage} storage */
  const keyName = (storage) => Object.keys(storage).find((name) => name.startsWith(NAMES.key));
  const keyStorage = () => [sessionStorage, localStorage].find((each) => keyName(each) !== undefined);

  const keyIsKept = () => {
    try {
      if (localStorage.getItem(NAMES.wiping) !== null) return false; // a sign-out that was cut short
      return keyStorage() !== undefined;
    } catch {
      return false; // storage is forbidden: nothing was kept
    }
  };
  root.dataset.phase = keyIsKept() ? "starting" : "signed-out";

  // --- the view of the last visit comes before the interpreter, which would keep the browser from reading it ---

  /** The most that the interpreter waits for the view: a device that is so slow gets both at once. */
  const VIEW_MS = 1_500;
  let letBegin = () => {};
  const begun = new Promise((/** @type {(value?: undefined) => void} */ resolve) => { letBegin = () => resolve(); });
  /** The view is on screen, or there is none. */
  function begin() {
    letBegin();
  }
  /** The interpreter may begin when this is settled. */
  function mayBegin() {
    return begun;
  }

  async function tabsHaveKey() {
    const { held: locks = [] } = await navigator.locks?.query() ?? {};
    return locks.some(({ name }) => name?.startsWith(NAMES.shareLock));
  }
  /** @param {string} event */
  const fired = (event) => new Promise((resolve) => document.addEventListener(event, resolve, { once: true }));
  const parsed = fired("readystatechange"), modulesRun = fired("DOMContentLoaded");

  /** Let in what starts Python, which the build keeps in a template: PyScript's core after the page's own modules. */
  async function letRuntimeIn() {
    await parsed;
    const template = document.getElementById("runtime");
    if (!(template instanceof HTMLTemplateElement)) return;
    const core = template.content.lastElementChild;
    core?.remove();
    document.head.append(template.content);
    await modulesRun;
    if (core) document.head.append(core);
  }
  begun.then(letRuntimeIn);
  if (root.dataset.phase === "signed-out") tabsHaveKey().then((have) => have || begin(), begin);
  setTimeout(begin, VIEW_MS);

  /** Another tab has handed over its key before Python came: the chats are shown, not the form. */
  function keyFound() {
    if (root.dataset.phase === "signed-out" && held === null && !ready) root.dataset.phase = "starting";
  }

  // --- the look: known before Python is there, from a hint that is kept beside the key, and goes with it ---

  /**
   * @param {string} [theme]
   * @param {string} [size]
   */
  function wear(theme, size) {
    /** @param {string} name @param {string | undefined} value @param {string} plain */
    const put = (name, value, plain) => {
      if (value && value !== plain) root.dataset[name] = value;
      else delete root.dataset[name];
    };
    put("theme", theme, "system");
    put("text", size, "normal");
    /** @type {NodeListOf<HTMLMetaElement>} */
    const metas = document.querySelectorAll('meta[name="theme-color"]');
    for (const meta of metas) {
      meta.dataset.own ??= meta.content;
      const dark = theme === "dark", fixed = dark || theme === "light";
      meta.content = fixed ? (dark ? "#171412" : "#f6f1ea") : meta.dataset.own;
    }
  }

  /**
   * Take on a theme and a text size; without them, those of somebody who has chosen nothing.
   * @param {string} theme
   * @param {string} size
   */
  function look(theme, size) {
    wear(theme, size);
    try {
      const storage = keyStorage();
      if (theme) storage?.setItem(NAMES.look, `${theme} ${size}`);
    } catch {
      // Full or forbidden: the next start begins in the system's colours.
    }
  }

  try {
    const [theme, size] = (keyStorage()?.getItem(NAMES.look) ?? "").split(" ");
    wear(theme, size);
  } catch {
    // Storage is forbidden: nothing is known.
  }

  // --- a submit before Python is there ---

  const HELD = "Getting ready… You will be signed in as soon as Hearth has loaded.";
  const fields = () => ({ email: input("email"), password: input("password") });

  function showHeld() {
    for (const field of Object.values(fields())) field.readOnly = held !== null;
    find("sign-in-form").toggleAttribute("data-busy", held !== null);
    if (!ready) find("sign-in-status").textContent = held || opening ? (slow ? SLOW : held ? HELD : OPENING) : "";
  }

  const OPENING = "Getting ready… The form comes as soon as Hearth has loaded.";
  let opening = ""; // the button of the form that was asked for before Python was there

  /** @param {string} button */
  function openForm(button) {
    if (ready || held) return;
    opening = button;
    showHeld();
    find("sign-in").toggleAttribute("data-account", true); // what is typed now is meant for the form that comes
    find("account-form").textContent = OPENING;
    find("account-form").hidden = false;
  }

  /** @param {SubmitEvent} event */
  function submitted(event) {
    event.preventDefault();
    if (ready || held || /** @type {Element} */ (event.target).id !== "sign-in-form") return;
    performance.mark("hearth:sign-in");
    const { email, password } = fields();
    held = { email: email.value, password: password.value, stay: input("stay").checked };
    concealPassword();
    showHeld();
  }
  document.addEventListener("submit", submitted);

  // --- "Sign out" before Python is there: the wipe has begun with the press, whatever becomes of this page ---

  /** @type {string | null} */
  let leaving = null; // whose data goes
  const UNENDED_S = 30 * 24 * 3600; // as long as a session lasts

  function accountKept() {
    const storage = keyStorage(), name = storage && keyName(storage);
    return name ? JSON.parse(storage.getItem(name) ?? "").account : "";
  }

  function leave() {
    if (ready || leaving !== null) return;
    try {
      leaving = String(accountKept());
    } catch {
      leaving = ""; // what is kept is not a key: all the more reason to wipe
    }
    root.dataset.phase = "signing-out";
    globalThis.hearth?.view?.drop?.();
    noteLeaving(leaving);
  }

  /** As `BrowserKeyStore` does it: first that the server is to be told, then that the wipe has begun. @param {string} account */
  function noteLeaving(account) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${NAMES.unended}=1; Path=/; SameSite=Strict; Max-Age=${UNENDED_S}${secure}`;
    try {
      localStorage.setItem(NAMES.wiping, account);
    } catch {
      // Full or forbidden: then Python begins the wipe.
    }
  }

  // --- the form's own small things, with Python and without ---

  function concealPassword(shown = false) {
    input("password").type = shown ? "text" : "password";
    find("reveal").textContent = shown ? "Hide" : "Show";
  }

  async function showDemo() {
    if (location.protocol === "file:") return;
    const answer = await fetch("/api/demo").catch(() => null);
    if (answer?.status !== 200) return; // 204: this server has no demo account
    const account = await answer.json().catch(() => null);
    if (!account?.email || !account?.password) return;
    find("demo-email").textContent = account.email;
    find("demo-password").textContent = account.password;
    find("demo").hidden = false;
  }

  function fillInDemo() {
    const { email, password } = fields();
    if (email.readOnly) return;
    email.value = find("demo-email").textContent ?? "";
    password.value = find("demo-password").textContent ?? "";
    find("sign-in-button").focus();
  }

  let demoAsked = false;
  function faceChanged() {
    if (demoAsked || root.dataset.phase !== "signed-out" || document.readyState === "loading") return;
    demoAsked = true;
    showDemo();
  }
  new MutationObserver(faceChanged).observe(root, { attributes: true, attributeFilter: ["data-phase"] });

  document.addEventListener("click", (event) => {
    const id = event.target instanceof Element && event.target.closest("button")?.id;
    if (id === "reveal") concealPassword(input("password").type === "password");
    else if (id === "demo-fill") fillInDemo();
    else if (id === "try-again") location.reload();
    else if (id === "sign-out") leave();
    else if (["create-account", "use-recovery-key", "use-passkey"].includes(String(id))) openForm(String(id));
  });

  // --- when Python takes long, or does not come ---

  const SLOW_MS = 12_000, LOST_MS = 120_000, PRELOAD_GRACE_MS = 10_000;
  const SLOW = "Still loading… The first visit takes longest; the next ones start from this device.";
  const MISSING = "Hearth could not be loaded. Check your connection, then try again.";
  const OLD_BROWSER = "This browser cannot run Hearth: it needs WebAssembly, which is switched off or too old here.";
  let slow = false;
  let broken = false; // a script of the page is missing: Python cannot help any more

  setTimeout(() => {
    slow = true;
    if (!ready && !failure) find("status").textContent = SLOW;
    if (!failure) showHeld();
  }, SLOW_MS);
  setTimeout(() => failed(), LOST_MS);

  /** Say why Hearth does not start, with a way to try again. What comes late after all takes the page back. */
  function failed(sentence = MISSING) {
    if ((ready && !broken) || failure) return;
    failure = sentence;
    showFailure();
  }

  function showFailure() {
    if (!failure || document.readyState === "loading") return;
    held = null;
    opening = "";
    showHeld();
    root.dataset.phase = "failed";
    find("failure-sentence").textContent = failure;
  }

  /** @param {Event} event */
  function resourceFailed({ target }) {
    if (target instanceof HTMLScriptElement) {
      broken = true;
      failed();
    } else if (target instanceof HTMLLinkElement && target.relList.contains("preload")) {
      setTimeout(failed, PRELOAD_GRACE_MS, MISSING); // there may be another way: give it time
    }
  }
  addEventListener("error", resourceFailed, true);
  addEventListener("unhandledrejection", () => failed());
  if (typeof WebAssembly !== "object") failed(OLD_BROWSER);

  document.addEventListener("DOMContentLoaded", () => {
    faceChanged();
    showFailure();
  });

  // --- what Python calls ---

  /**
   * Hand over, once, what the person did so far: `{email, password, stay}`, or `{leaving}` with the account, or
   * `{opening}` with the button of a form about the account, or null.
   * From now on Python listens.
   */
  function take() {
    const taken = leaving !== null ? { leaving } : held ?? (opening ? { opening } : null);
    ready = true;
    held = null;
    document.removeEventListener("submit", submitted);
    if (failure && !broken) {
      failure = "";
      root.dataset.phase = keyIsKept() ? "starting" : "signed-out";
    }
    return taken;
  }

  /** Python runs: the service worker may come now, without taking anything from the start. */
  function started() {
    const register = () => navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
    if (document.readyState === "complete") register();
    else addEventListener("load", register, { once: true });
  }

  (globalThis.hearth ??= {}).boot = { take, started, failed, look, begin, mayBegin, keyFound };
})();
