"""Recorded and made-up movement: track readers, a simulator, stories, the replayer and the load generator."""
