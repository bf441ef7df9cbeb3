"""The API beside six peers: CPU per request, latency, memory, and a champion exchanged under load."""
