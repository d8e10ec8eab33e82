"""The commands and the processes they keep: the web server, the worker, the queue's cluster.

Decides how processes start, watch each other and stop. Refuses to know what a picture is: rows that are due belong to
the services.
"""
