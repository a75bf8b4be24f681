"""Search as pure logic: folding, the query language, full-text expressions, snippets, near words, settings."""
