"""A pytest plugin for Playwright tests of Hearth's page, and a conformance suite for servers of its protocol."""
