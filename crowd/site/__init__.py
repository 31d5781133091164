"""The site: pages that collect data from every package. Used by everybody."""
