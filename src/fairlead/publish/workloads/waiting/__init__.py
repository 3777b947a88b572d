"""What pods wait for, and the notes by which a Job is done once."""
