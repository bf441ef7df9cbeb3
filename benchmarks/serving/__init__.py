"""The API beside a minimal peer: CPU per request, latency, memory, and a champion exchanged under load."""
