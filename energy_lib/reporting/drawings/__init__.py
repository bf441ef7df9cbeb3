"""Each page's plots: its frames and the reader's words in, SVG out."""
