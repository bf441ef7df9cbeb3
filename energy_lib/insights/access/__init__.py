"""Energy access: areas, who is short of energy in them, and what of it may be told."""
