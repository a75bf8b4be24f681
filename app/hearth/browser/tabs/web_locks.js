/**
 * Web Locks: which tab owns an account, and whose turn it is to sign in. A browser lets a lock go when its
 * page is closed, crashes or is taken out of memory, and gives it to the next in line at once.
 */

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");

const ignore = () => undefined;

/**
 * Ask for an account. `answer` resolves to true when this page owns it from now on, else to false, and then
 * `onOwned` is called when it does. `take` takes it from a page that hangs; the page from which it is taken hears it
 * by `onLost`, and stands in line again. `release` gives up the lock, or the place in the line for it. Without Web
 * Locks every page owns.
 * @param {string} account
 * @param {() => void} onOwned
 * @param {() => void} onLost
 * @returns {{ answer: Promise<boolean>, take: () => void, release: () => void }}
 */
function claimAccount(account, onOwned, onLost) {
  const giveUp = new AbortController();
  const released = new Promise((resolve) => giveUp.signal.addEventListener("abort", resolve, { once: true }));
  const release = () => giveUp.abort();
  const { locks } = navigator;
  if (!locks) return { answer: Promise.resolve(true), take: ignore, release };
  const name = NAMES.leaderLock + account;
  let waits = false;
  const lost = () => {
    if (giveUp.signal.aborted) return;
    onLost();
    waitInLine();
  };
  /**
   * Hold the lock from the moment it is given, unless the claim was given up meanwhile.
   * @param {LockOptions} options
   * @param {(lock: Lock | null) => boolean} given
   * @param {() => void} refused
   */
  const request = (options, given, refused) => {
    let held = false;
    locks.request(name, options, (lock) => {
      if (!given(lock) || giveUp.signal.aborted) return undefined;
      held = true;
      return released;
    }).catch(() => (held ? lost() : refused()));
  };
  const owned = () => {
    if (!giveUp.signal.aborted) onOwned();
    return true;
  };
  const waitInLine = () => {
    if (waits || giveUp.signal.aborted) return;
    waits = true;
    const noLonger = () => {
      waits = false;
    };
    request({ signal: giveUp.signal }, () => {
      noLonger();
      return owned();
    }, noLonger); // given up while it waited
  };
  const take = () => {
    if (!giveUp.signal.aborted) request({ steal: true }, owned, ignore);
  };
  const answer = new Promise((resolve) => {
    request({ ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (!lock) waitInLine();
      return lock !== null;
    }, () => resolve(true)); // locks are forbidden here: the page is on its own
  });
  return { answer, take, release };
}

/**
 * How many tabs have claimed an account: the one that owns it, and those in line.
 * @param {string} account
 * @returns {Promise<number>}
 */
async function countClaims(account) {
  try {
    const { held = [], pending = [] } = await navigator.locks.query();
    return [...held, ...pending].filter(({ name }) => name === NAMES.leaderLock + account).length;
  } catch {
    return 0; // no Web Locks, or they are forbidden here
  }
}

/**
 * Wait for the turn to sign in, `most` milliseconds at most. Answers a function that ends the turn.
 * @param {number} most
 * @returns {Promise<() => void>}
 */
function takeTurn(most) {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(ignore);
  return new Promise((resolve) => {
    const ended = new Promise((/** @type {(value?: undefined) => void} */ end) => {
      locks.request(NAMES.signInLock, { signal: AbortSignal.timeout(most) }, () => {
        resolve(end);
        return ended;
      }).catch(() => resolve(ignore)); // a tab that hangs does not keep the others out
    });
  });
}

(globalThis.hearth ??= {}).locks = { claimAccount, countClaims, takeTurn };
