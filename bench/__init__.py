"""What we claim, measured: `python -m bench`, or one part of it by name."""
