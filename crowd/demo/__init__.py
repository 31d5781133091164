"""The demonstration: personas, and scenarios that are played through the services. Everything in it is invented."""
