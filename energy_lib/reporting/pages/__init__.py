"""Pages: what each shows, and the kernels that shape it. Frames in, frames out."""
