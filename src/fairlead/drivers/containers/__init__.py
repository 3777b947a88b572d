"""What drivers of containers share: the engine, network and names of a run, and how a container is described."""
