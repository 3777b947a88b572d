"""What a definition says about the clusters that it is published to. Pure data; a run takes no notice of it."""
