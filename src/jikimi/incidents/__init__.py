"""From alarm to help: incidents, their tasks, clocks and order. Pure but for the port that keeps them."""
