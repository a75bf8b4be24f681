"""Benchmarks: Hearth beside stock PyScript, a plain JavaScript twin and storage libraries, in one run."""
