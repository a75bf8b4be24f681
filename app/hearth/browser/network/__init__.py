"""HTTP and WebSocket behind the ports."""
