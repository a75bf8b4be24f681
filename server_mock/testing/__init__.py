"""For tests: control routes, faults, tampering, a simulated device."""
