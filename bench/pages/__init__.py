"""`make bench-pages`: what the pages cost those who read them, and whether they stay quick in a large register."""
