"""Referrals of SMEs: the service centre, or a park of the firm, names an institution to which it sends a firm of the
register: a tax office, a fund, an exchange. Its progress is noted by who has made it, and read by the firm.
"""
