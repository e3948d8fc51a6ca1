"""Turning the bytes that devices send into fixes and events, and knowing who sent them."""
