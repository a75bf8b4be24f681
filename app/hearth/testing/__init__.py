"""What stands where the browser would: adapters of the ports for plain CPython."""
