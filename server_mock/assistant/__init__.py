"""Who answers in a chat: the port, a scripted assistant, and any server that speaks OpenAI's chat completions."""
