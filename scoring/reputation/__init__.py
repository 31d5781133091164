"""What results say of those who take part: points of single results, and a rating by the fields they placed in."""
