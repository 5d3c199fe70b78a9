"""What runs very many times costs as much each time: no look at all that waits, no copy of all that has been."""
