"""What protection did: counted from what the system knows and what people found out, and published so that no row points to a person."""
