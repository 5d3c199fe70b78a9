"""The served product: pages and API on one address."""
