"""A jurisdiction's numbers as data: presets, the loader that refuses what is wrong, and their use for one order."""
