"""Versions: what differs between two of them, and how running instances go from one to another."""
