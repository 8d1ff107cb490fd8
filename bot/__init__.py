"""The core of Madoguchi: the rules, the flows and the wiring."""
