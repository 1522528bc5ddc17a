"""The catalog, the calendar and the divisions: kept, edited, published."""
