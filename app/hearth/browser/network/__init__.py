"""The server behind the ports: HTTP to sign in and out; a WebSocket for frames, or HTTP where none gets through."""
