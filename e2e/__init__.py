"""Journeys in real browsers, and the benchmarks."""
