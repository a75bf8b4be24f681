"""What a person takes along: the files of an export, as docs/export.md has them."""
