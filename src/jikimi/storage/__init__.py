"""What outlives the process: the journal, its checkpoints, the register and their keys."""
