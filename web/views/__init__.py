"""One module per noun: what a page asks, and what its forms do."""
