"""The outside world, one thin client each.

An engine does what it is told and decides nothing: it knows processes, sockets or containers, and no resources.
Only modules in here import ``subprocess`` or a client library, or send signals to other processes.
"""
