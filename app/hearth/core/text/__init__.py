"""Text as people read it: Markdown, links, dates, numbers."""
