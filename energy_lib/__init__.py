"""Raw energy meter readings in, forecasts and answers out: the library behind the jobs."""
