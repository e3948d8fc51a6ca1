"""Position history: sealed under a key of its own for each person and day, so that erasing the key erases the day."""
