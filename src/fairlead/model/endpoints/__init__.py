"""How resources reach each other: where one runs and listens, from where a consumer looks, what a reference gives."""
