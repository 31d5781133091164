"""The site: the pages that gather from every room. Who comes here: everybody, first."""
