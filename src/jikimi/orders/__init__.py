"""Orders: which are in force, which pairs they make, and the codes that invite people."""
