/** What the typed scripts call of `key_store.js`, which has no types of its own yet. */

/** The key that a start finds: see there. */
export function firstMaster(
  onAccount: (account: string) => void,
): Promise<{ account: string; keyId: Uint8Array<ArrayBuffer>; key: CryptoKey } | undefined>;
