"""Tests of what the benchmarks do with their samples: no browser, no server."""
