"""Who asks, what they may do and see, where secrets are, and the chain of the audit. No Spark, no lake."""
