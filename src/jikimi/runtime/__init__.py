"""The running server: settings, clock, the core's memory, wiring and roles."""
