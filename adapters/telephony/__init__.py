"""Telephone systems: signed HTTP that tells when somebody's phone rings, is answered and is hung up."""
