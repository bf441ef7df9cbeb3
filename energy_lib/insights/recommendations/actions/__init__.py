"""The actions: each a file that declares one Recommendation and its kernel."""
