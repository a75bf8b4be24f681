"""Each port's contract as plain async cases: on the fakes under CPython, on the browser's adapters in the page."""
