"""Chats in the files of Hearth, ChatGPT and Claude, read into one form; loaded on demand."""
