/**
 * Web Locks: which tab owns an account, and whose turn it is to sign in. A browser lets a lock go when its
 * page is closed, crashes or is taken out of memory, and gives it to the next in line at once.
 */

const OWNER = "hearth:owner:";
const SIGN_IN = "hearth:sign-in";

const ignore = () => undefined;

/**
 * Ask for an account. `answer` resolves to true when this page owns it from now on, else to false, and then
 * `onOwned` is called when it does. `release` gives up the lock, or the place in the line for it. Without
 * Web Locks every page owns.
 */
export function claimAccount(account, onOwned) {
  const giveUp = new AbortController();
  const released = new Promise((resolve) => giveUp.signal.addEventListener("abort", resolve, { once: true }));
  const release = () => giveUp.abort();
  const { locks } = navigator;
  if (!locks) return { answer: Promise.resolve(true), release };
  const name = OWNER + account;
  const waitInLine = () => locks.request(name, { signal: giveUp.signal }, () => {
    if (!giveUp.signal.aborted) onOwned();
    return released;
  }).catch(ignore); // given up while it waited
  const answer = new Promise((resolve) => {
    locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (lock) return released;
      if (!giveUp.signal.aborted) waitInLine();
      return undefined;
    }).catch(() => resolve(true)); // locks are forbidden here: the page is on its own
  });
  return { answer, release };
}

/** Wait for the turn to sign in, `most` milliseconds at most. Answers a function that ends the turn. */
export function takeTurn(most) {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(ignore);
  return new Promise((resolve) => {
    const ended = new Promise((end) => {
      locks.request(SIGN_IN, { signal: AbortSignal.timeout(most) }, () => {
        resolve(end);
        return ended;
      }).catch(() => resolve(ignore)); // a tab that hangs does not keep the others out
    });
  });
}

globalThis.hearth = Object.assign(globalThis.hearth ?? {}, { claimAccount, takeTurn });
