"""TensorFlow networks; TensorFlow is imported where they are built, never at import of this room."""
