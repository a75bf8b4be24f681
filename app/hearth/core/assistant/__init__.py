"""What is sent to an assistant, and how its answer is read."""
