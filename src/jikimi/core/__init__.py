"""The decisions. Pure: no clock, no input or output, no randomness; imports the model only."""
