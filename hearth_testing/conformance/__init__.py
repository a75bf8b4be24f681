"""Tests of the protocol (docs/protocol.md) that any server can be held to, from outside, over HTTP and a WebSocket.

    pytest --pyargs hearth_testing.conformance --server-url https://chat.example.com

The tests make accounts of their own, so the server has to take new ones, and delete them in the end; nothing else on
it is touched.
"""
