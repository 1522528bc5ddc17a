"""Monthly reports: counted, signed from the villages up, frozen, and counted again by whoever stands above."""
