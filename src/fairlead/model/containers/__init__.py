"""What containers are set to, beyond what all programs have."""
