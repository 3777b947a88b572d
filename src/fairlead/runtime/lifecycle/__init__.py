"""How each resource lives in a run: started, watched, waited for, commanded and stopped."""
