"""Acting on cases: one door for every action, custody, timers, lists."""
