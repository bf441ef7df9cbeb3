"""The simulated utility as it happens: its readings as messages, and a Kafka broker on this machine to send them to."""
