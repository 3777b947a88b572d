"""What an app is: resources, endpoints, values, parameters, waits.

Pure data; it knows nothing of how an app is run or published.
"""
