/**
 * What a tab that is signed in hands to a tab of the same browser that starts without a key: the master key as the
 * non-extractable CryptoKey that it is, and the entry that lies sealed under the half, so that the new tab's own next
 * load finds it. A locked tab hands over its note instead. Only pages of this origin, in the same profile and the same
 * kind of window, share the channel. A tab answers within the event of the question, whatever Python does meanwhile.
 */

import { usedElsewhere, within } from "./key_share.js";

/** Filled in by the build: `app/hearth/browser/storage_names.py`. @type {StorageNames} */
const NAMES = /** @type {any} */ ("__HEARTH_NAMES__");

/** A tab that does not answer for so long is frozen, or hangs. */
const ANSWER_MS = 1_500;
/** A tab that is loading anew holds nothing for a moment: where something is stored, two looks are taken. */
const LOOK_AGAIN_MS = 300;

/** @type {() => object | undefined} */
let current = () => undefined;
const waiting = new Map();
const channel = globalThis.BroadcastChannel && new BroadcastChannel(NAMES.keysChannel);

/** From now on, hand over what a function answers; without one, nothing. */
export function offer(what = () => undefined) {
  current = what;
}

function answer(question) {
  const offered = current();
  if (!offered) return;
  try {
    channel.postMessage({ answer: question, offered });
  } catch {
    // This browser does not clone keys: what is sealed opens with the half.
    channel.postMessage({ answer: question, offered: { ...offered, key: undefined } });
  }
}

function heard({ data }) {
  if (typeof data?.question === "string") answer(data.question);
  else waiting.get(data?.answer)?.(data.offered);
}

function leave() {
  current = () => undefined;
  channel?.close();
}

channel?.addEventListener("message", heard);
addEventListener("pagehide", leave);
document.addEventListener("freeze", leave);

async function isStored() {
  const all = await globalThis.indexedDB?.databases().catch(() => []) ?? [];
  return all.some(({ name }) => name.startsWith(NAMES.accounts));
}

/** Whether another tab uses a half, by the Web Lock that it holds as long as it lives. */
async function isAnotherAlive() {
  if ((await usedElsewhere()).size > 0) return true;
  if (!await isStored()) return false;
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  return (await usedElsewhere()).size > 0;
}

/** Ask the other tabs: `{ alive, offered }`, whether there is one, and what one of them hands over, if one does. */
export async function ask() {
  if (!channel || !await isAnotherAlive()) return { alive: false };
  const question = crypto.randomUUID();
  const answered = new Promise((resolve) => waiting.set(question, resolve));
  channel.postMessage({ question });
  const offered = await within(ANSWER_MS, answered);
  waiting.delete(question);
  return { alive: true, offered };
}
