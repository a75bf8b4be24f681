"""The search index: SQLite FTS5 in memory, in shards; built, kept sealed, brought up to date, and asked."""
