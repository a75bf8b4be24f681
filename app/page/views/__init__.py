"""The parts of the page: each draws one part of a `Screen` into the elements that index.html provides."""
