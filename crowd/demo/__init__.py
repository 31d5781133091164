"""The demonstration: a cast, and a story told through the services. Everything in it is invented."""
