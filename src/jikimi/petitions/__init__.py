"""Petitions: from her answers to what a court reads, decides and hands to the register of orders."""
