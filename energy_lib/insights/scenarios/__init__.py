"""What if: a year that was read, changed hour by hour by measures with stated assumptions, and who gains or loses."""
