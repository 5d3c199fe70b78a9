"""The domain. Importing it registers what diagrams may call: the product's FEEL functions, operations and performers."""

from committee import functions, operations, processes

__all__ = ["functions", "operations", "processes"]
