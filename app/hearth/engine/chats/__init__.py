"""The chats in memory, and the one that is open."""
