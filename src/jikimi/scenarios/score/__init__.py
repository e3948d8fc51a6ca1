"""The scored scenario suite: how often a judge misses, cries wolf, and how much time it gives."""
