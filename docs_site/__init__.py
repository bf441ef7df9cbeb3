"""What the docs' site has beyond docs/: reference pages made from the code, and the pages of the repository's root."""
