"""PyTorch networks; PyTorch is an extra and is imported where they are built, never at import of this room."""
