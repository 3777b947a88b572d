"""What the folders of a project say about how its programs are run: which Python, which packages. Pure.

Running and publishing decide by the same functions. Neither reading a folder nor carrying out a decision is done here.
"""
