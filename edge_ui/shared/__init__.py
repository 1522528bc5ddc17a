"""What every handler has: the application as handlers know it, and the small things it keeps in memory."""
