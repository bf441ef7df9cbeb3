"""Plots as SVG text: no script, a few kilobytes each, the same on a screen, a phone and paper.

Each function takes a frame's columns and words that are translated already, and returns Markup. All texts are escaped.
"""
