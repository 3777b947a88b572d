"""The lines that resources write: kept, masked and followed."""
