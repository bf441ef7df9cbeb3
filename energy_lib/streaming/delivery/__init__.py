"""Alerts to people and programs outside of Kafka: signed webhooks and e-mail."""
