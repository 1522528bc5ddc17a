"""A printed paper on its way out, for pages and API alike: its context, its lines, its PDF."""
