/** What `for_scripts` of `app/hearth/browser/storage_names.py` gives to the scripts, in the place of "__HEARTH_NAMES__". */
interface StorageNames {
  entries: string;
  key: string;
  locked: string;
  stored: string;
  wiping: string;
  look: string;
  sealedKey: string;
  sealedAddress: string;
  unended: string;
  files: string;
  shares: string;
  shareTrials: string;
  shareAddress: string;
  accounts: string;
  pyscript: string;
  search: string;
  firstView: string;
  sharesStore: string;
  shareLock: string;
  leaderLock: string;
  signInLock: string;
  keysChannel: string;
}
