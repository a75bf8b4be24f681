/** What `for_scripts` of `app/hearth/browser/storage_names.py` gives to the scripts, in the place of "__HEARTH_NAMES__". */
interface StorageNames {
  key: string;
  locked: string;
  wiping: string;
  look: string;
  sealedKey: string;
  unended: string;
  files: string;
  shares: string;
  shareAddress: string;
  accounts: string;
  pyscript: string;
  kept: string;
  firstView: string;
  sharesStore: string;
  shareLock: string;
  keysChannel: string;
}
