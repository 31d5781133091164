"""The fee, a set of rules in versions, which the council adopts by vote. Everybody reads them."""
