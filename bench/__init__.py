"""`make bench`: how fast Handslag is, in ratios against a baseline that is taken in the same run.

Speed is never a timed test: the machine's other work would decide. Each area is a module with `measure(lab)`, and the
targets are those that the design sets.
"""
