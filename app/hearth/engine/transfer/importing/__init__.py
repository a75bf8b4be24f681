"""Import of chats from a file; loaded on demand."""
