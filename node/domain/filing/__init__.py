"""What is handed in: the application, its draft, its files and numbers of persons."""
