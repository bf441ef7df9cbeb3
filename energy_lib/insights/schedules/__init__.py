"""Schedules: what to do tomorrow with a site's batteries, flexible loads and generation."""
