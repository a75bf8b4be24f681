"""The mock server: sign-in, warming and the demo account, on a Directus or the stand-in for one."""
