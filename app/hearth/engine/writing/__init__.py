"""Writing: what the person does becomes mutations, lies in the outbox, and is sent until the server has it."""
