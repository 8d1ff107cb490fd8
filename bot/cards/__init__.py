"""What each card says, built from state."""
