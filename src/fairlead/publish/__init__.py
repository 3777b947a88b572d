"""From the model to Kubernetes objects, to rendered files. Pure, but for writing the folder at the end."""
