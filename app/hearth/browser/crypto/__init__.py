"""WebCrypto behind the ports `Cipher` and `Keyring`."""
