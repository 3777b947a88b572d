"""What a program is started with, what that depends on, and where each value of it comes from. Pure data."""
