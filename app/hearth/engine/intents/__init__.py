"""What the person does, as frozen values: a user interface sends these to the engine, and nothing else."""
