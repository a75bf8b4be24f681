"""Small apps on parts of Hearth's engine; `make examples` serves them."""
