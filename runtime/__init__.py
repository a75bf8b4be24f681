"""How Python gets into the page: vendoring, the start-up snapshot, and the folder that the server serves."""
